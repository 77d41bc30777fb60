/** What clients are told as it is, with this code, where no refusal covers it: most of all a mistake in an argument. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
  readonly code: 'BAD_USER_INPUT' | 'CURSOR_EXPIRED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';

  constructor(code: PlainError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

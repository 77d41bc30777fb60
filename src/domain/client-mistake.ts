/** A mistake in an argument that no refusal covers: it becomes a GraphQL error with this code, unmasked. */
export class ClientMistake extends Error {
  override readonly name = 'ClientMistake';
  readonly code: 'BAD_USER_INPUT' | 'CURSOR_EXPIRED';

  constructor(code: ClientMistake['code'], message: string) {
    super(message);
    this.code = code;
  }
}

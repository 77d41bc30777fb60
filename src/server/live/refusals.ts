import { GraphQLError } from 'graphql';

const refusal = (code: string, message: string) => () => new GraphQLError(message, { extensions: { code } });

const noLongerValid = 'The key that this was begun with is no longer valid.';

export const evicted = refusal('UNAUTHENTICATED', noLongerValid);

/** The same, of a request that nothing was answered to yet. */
export const revoked = (): GraphQLError =>
  new GraphQLError(noLongerValid, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
    },
  });

export const tooManyConnections = refusal(
  'OVERLOADED',
  'Too many connections are open. Close some that are not needed, or come back later.',
);

export const tooManyOperations = (most: number): GraphQLError =>
  refusal(
    'OVERLOADED',
    `This socket has ${most} operations under way, and no more are taken. Complete some first, or open another socket.`,
  )();

export const idNotFree = refusal(
  'BAD_USER_INPUT',
  'What was begun with this id has not ended yet, though it was completed. Use another id.',
);

export const idTooLong = (most: number): GraphQLError =>
  refusal(
    'BAD_USER_INPUT',
    `The id of an operation may have ${most} characters; it goes with every message.`,
  )();

// What makes a connection useless: the server does not speak Redis's protocol, or says more than this process will hold.

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** What a sender needs of the connection. */
export interface Outbox {
  readonly isLive: boolean;
  /** So much is unsent that another frame would only be older when it arrives. */
  readonly isFull: boolean;
  /** The bytes are copied. */
  send(message: Uint8Array<ArrayBuffer>): void;
}

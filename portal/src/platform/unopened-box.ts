/** A box that no key here opens: its key is not among them, or a byte or its place is another. */
export class UnopenedBox extends Error {}

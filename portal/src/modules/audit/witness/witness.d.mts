/** Runs the witness with command-line arguments; an exit status, or null where it goes on serving. */
export function main(args: string[]): Promise<number | null>

const newline = 0x0a;
const maxLineBytes = 16 * 1024 * 1024;

/**
 * The lines of a byte stream. Split on bytes and decoded line by line, so that a character cut in two by the network stays whole. All lines of one chunk
 * come together; a last line without its end is dropped, since a watch that broke off is read again from its last version.
 * @throws RangeError for a line longer than 16 MiB
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, onChunk: () => void = () => undefined): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let open: Uint8Array[] = [];
  let openBytes = 0;
  for await (const chunk of chunks) {
    onChunk();
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      openBytes += end - from;
      if (openBytes > maxLineBytes) throw tooLong();
      const rest = chunk.subarray(from, end);
      const line = decoder.decode(open.length === 0 ? rest : Buffer.concat([...open, rest])).trim();
      if (line !== '') lines.push(line);
      open = [];
      openBytes = 0;
      from = end + 1;
    }
    if (from < chunk.byteLength) {
      // A copy: the source may reuse its buffer.
      open.push(chunk.slice(from));
      openBytes += chunk.byteLength - from;
      if (openBytes > maxLineBytes) throw tooLong();
    }
    if (lines.length > 0) yield lines;
  }
}

const tooLong = (): RangeError => new RangeError(`a line is longer than ${maxLineBytes / 1024 / 1024} MiB`);

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/** Yield the events of a stream of server-sent events; comments are passed over. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const event = eventOf(part);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined); // it is gone already
  }
}

function eventOf(text: string): ServerSentEvent | null {
  let name = 'message';
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const [field, ...value] = line.split(':');
    const said = value.join(':').replace(/^ /, '');
    if (field === 'event') name = said;
    if (field === 'data') data.push(said);
  }
  return data.length > 0 ? { name, data: data.join('\n') } : null;
}

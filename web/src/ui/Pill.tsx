export type Tone = 'good' | 'busy' | 'bad' | 'calm';

/** How something stands, in a word. */
export function Pill({ tone, text }: { tone: Tone; text: string }) {
  return (
    <p class="pill" data-tone={tone}>
      <span class="pill-dot" aria-hidden="true" />
      {text}
    </p>
  );
}

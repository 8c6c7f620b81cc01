import { strings } from '../../strings';

/** What is measured and what is not, in plain words. */
export function Honest() {
  const { honest, honestText } = strings.practice;
  return (
    <aside class="honest" aria-labelledby="honest-title">
      <h2 id="honest-title">{honest}</h2>
      {honestText.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </aside>
  );
}

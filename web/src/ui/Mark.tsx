/** A hand of five fingers, in lines. */
export function Mark({ class: name }: { class: string }) {
  return (
    <svg class={`mark ${name}`} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 28 L6 17 M16 28 L11 6 M16 28 L17 3 M16 28 L22 6 M16 28 L27 11" />
      <circle cx="16" cy="28" r="2.4" />
      <circle cx="6" cy="17" r="1.9" />
      <circle cx="11" cy="6" r="1.9" />
      <circle cx="17" cy="3.4" r="1.9" />
      <circle cx="22" cy="6" r="1.9" />
      <circle cx="27" cy="11" r="1.9" />
    </svg>
  );
}

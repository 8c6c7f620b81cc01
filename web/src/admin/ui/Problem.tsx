/** Why a part of the page has nothing new: the server's sentence. */
export function Problem({ sentence }: { sentence?: string | undefined }) {
  return sentence === undefined ? null : (
    <p class="problem" role="alert">
      {sentence}
    </p>
  );
}

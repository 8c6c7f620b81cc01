/** What Vite gives for the import of a file: its address in the built page. */
declare module '*?url' {
  const url: string;
  export default url;
}

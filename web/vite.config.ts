import { defineConfig } from 'vitest/config';
import { engineGlue } from './engine/glue.ts';

export default defineConfig({
  plugins: [engineGlue()],
  base: '/',
  // The page's policy allows no inline script or style: everything is a file of its own, its name with a hash.
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  // For working on the page: `npx vite` with `storysign serve` beside it.
  server: {
    // The tracker and its networks lie beside this folder.
    fs: { allow: ['..'] },
    proxy: {
      '/ws': { target: 'http://127.0.0.1:8000', ws: true },
      '/api': 'http://127.0.0.1:8000',
    },
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});

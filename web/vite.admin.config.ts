import { defineConfig } from 'vite';
import page from './vite.config.ts';

/**
 * The dashboard, built into the folder `admin` beside the page. It shares no file with the page: the
 * program serves that folder on the admin listener only, and nothing else there.
 */
export default defineConfig({
  base: '/',
  build: {
    ...page.build,
    // The page's build has emptied the folder before.
    emptyOutDir: false,
    assetsDir: 'admin/assets',
    rolldownOptions: { input: 'admin/index.html' },
  },
  // For working on it: `npx vite --config vite.admin.config.ts`, with `storysign serve` beside it.
  server: { proxy: { '/api': 'http://127.0.0.1:9090' } },
});

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The server renders the shell and reads the manifest; there is no index.html.
export default defineConfig({
  base: '/static/app/', // menpai/page_files.py
  publicDir: false,
  plugins: [vue()],
  resolve: { alias: { '@': here('./src') } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
  },
  build: {
    outDir: here('../menpai/static/menpai/app'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    assetsDir: '',
    assetsInlineLimit: 0, // the pages' policy allows no data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: here('./src/main.ts'),
      output: {
        codeSplitting: {
          groups: [
            // Changes seldom, so a returning customer has it already.
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|openapi-fetch)\// },
            // What most pages need, in one file instead of a dozen.
            { name: 'shared', test: /\/web\/src\/(?!pages|texts|main)/, minShareCount: 4 },
          ],
        },
      },
    },
  },
})

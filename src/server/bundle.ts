import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { type Asset, assetOf } from './asset.ts';

/** The page, and by their names what it loads. */
export interface Bundle {
  readonly page: Asset;
  readonly assets: ReadonlyMap<string, Asset>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Makes of the page's sources, which are in `folder`, what browsers are sent; every name says what is in the file. */
export async function bundle(folder: string, at: string): Promise<Bundle> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: ['main.tsx', 'main.css', 'icon.svg'].map((file) => join(folder, file)),
      outdir: folder,
      entryNames: '[name]-[hash]',
      loader: { '.svg': 'copy' },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      legalComments: 'none',
      // What it would find beside the sources builds on a file that an installation may not have.
      tsconfigRaw: { compilerOptions: { jsx: 'react-jsx', jsxImportSource: 'preact' } },
      logLevel: 'silent',
    });
    const assets = new Map<string, Asset>();
    let html = await readFile(join(folder, 'index.html'), 'utf8');
    for (const { path, contents } of outputFiles) {
      const name = basename(path);
      assets.set(name, await assetOf(types[extname(name)] ?? '', Buffer.from(contents)));
      html = html.replaceAll(`"${name.replace(/-\w+(?=\.\w+$)/, '')}"`, `"${at}${name}"`);
    }
    return { page: await assetOf('text/html; charset=utf-8', Buffer.from(html)), assets };
  } finally {
    // Else its process would stay for as long as this one.
    await stop();
  }
}

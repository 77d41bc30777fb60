import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const paths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const path = process.env.CHROMIUM || paths.find((candidate) => existsSync(candidate));

/** Why the browser tests do not run; false when they do. */
export const noBrowser: string | false = path
  ? false
  : 'no Chromium was found; install it (Debian: apt-get install chromium), or set CHROMIUM to its path. Nothing was tried in a browser.';

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(path && { executablePath: path }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

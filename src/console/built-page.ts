/** The page, as one HTML file: `scripts/console-page.mjs` makes it of `app/`, and the build puts it in the place of this text. */
export const builtPage =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>s3kms-emu</title><p>The console is part of the built program: npm run build'

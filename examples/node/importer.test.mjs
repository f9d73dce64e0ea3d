// What can go wrong with an import, made to happen.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { Importer, SOURCE_EXPIRED, codeOf } from "./importer.mjs";
import { Server } from "./server.mjs";

let server;
let tenant;
let page;

before(async () => {
  server = await Server.start();
  page = path.join(server.folder, "page.md");
  fs.writeFileSync(page, "# 你好\n\nhello\n");
});
after(() => server.stop());
beforeEach(async () => {
  tenant = await server.tenant();
});

test("a slow import is waited for", async () => {
  // Three polls find it pending; the fourth finds the document.
  await tenant.rehearse({ family: "drive.import", advance: { after_polls: 4 } });
  const url = await new Importer(tenant.client, tenant.sleep).importFile(page);
  assert.ok(url.startsWith(`${server.url}/docx/`), url);
  assert.deepEqual(tenant.slept, [1, 1, 1]);
});

test("a source that has expired is uploaded again", async () => {
  await tenant.rehearse({ family: "drive.import", advance: { after_polls: 1 } });
  const importer = new Importer(tenant.client, tenant.sleep);
  const source = await importer.upload(page);
  await tenant.sleep(6 * 60);
  await assert.rejects(importer.create(page, source), (error) => codeOf(error) === SOURCE_EXPIRED);
  assert.match(await importer.importFile(page, source), /\/docx\//);
});

test("a throttled poll waits as long as the header says", async () => {
  await tenant.rehearse({ family: "drive.import", advance: { after_polls: 1 } });
  await tenant.rehearse({ operation: "driveImportTaskGet", first: 2, throttle: 7 });
  assert.match(await new Importer(tenant.client, tenant.sleep).importFile(page), /\/docx\//);
  assert.deepEqual(tenant.slept, [7, 7]);
});

// The console as a person uses it: a real browser signs in, drops a file, watches its import, looks at
// what came of it, scrolls a sheet of a million rows, exports, cancels a task that is held, has something
// go wrong, moves the clock. Beside that: no page asks another server, nothing that was imported runs.
//
//   node console.mjs [FOLDER]        FOLDER receives pictures of the pages
//
// Reads LARKSPUR_URL and LARKSPUR_ADMIN_TOKEN.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.env.LARKSPUR_URL;
const token = process.env.LARKSPUR_ADMIN_TOKEN;
const pictures = process.argv[2];
const ROWS = 1_000_000;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

const admin = async (method, path, body) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${base}/larkspur/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const told = await answer.json();
  assert.equal(told.code, 0, JSON.stringify(told));
  return told.data;
};

const folder = mkdtempSync(join(tmpdir(), "larkspur-console-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags,
});
const problems = [];
let dialogs = 0;

/** A window whose pages may ask this server alone and must say nothing on the browser's own console. */
const open = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => {
    if (message.type() === "error" && !message.location().url.includes("expected")) problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) problems.push(`${page.url()} asked ${request.url()}`);
  });
  return { context, page };
};

const signIn = async (page) => {
  await page.goto(`${base}/console`);
  assert.ok(page.url().includes("/console/sign-in"), "who is not signed in is asked to");
  await page.fill("#token", token);
  await page.getByRole("button").click();
  await page.waitForURL(`${base}/console`);
};

/** Drops files on the page, as from a file manager. */
const drop = async (page, files) => {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const { name, text } of files) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("[data-drop]", type, { dataTransfer: transfer });
  }
};

const picture = async (page, name) => {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
};
const done = (page) => page.locator("#task .standing .state.succeeded").waitFor();

try {
  const { context, page } = await open({ viewport: { width: 1280, height: 860 }, locale: "en-US", colorScheme: "light" });
  page.on("dialog", async (dialog) => {
    dialogs += 1;
    await dialog.accept();
  });

  // Signing in: a wrong token is told, a session's cookie is out of reach for scripts.
  await page.goto(`${base}/console`);
  await page.fill("#token", "adm-wrong");
  await page.getByRole("button").click();
  await page.getByRole("alert").waitFor();
  problems.length = 0; // The browser notes the 403 by itself.
  await signIn(page);
  assert.equal(await page.evaluate(() => document.cookie), "");

  // A document with everything that could run, dropped; nothing of it does.
  const hostile = [
    "# 控制台 Console", "", "Plain **bold** and <script>alert(1)</script> text.", "",
    "<img src=x onerror=alert(2)>", "", "[a link](javascript:alert(3)) and [another](https://example.com/)", "",
    "| a | b |", "|---|---|", "| 1 | <b onclick=alert(4)>2</b> |", "", "- [x] done", "- [ ] open", "", "```js", "alert(5)", "```",
  ].join("\n");
  await drop(page, [{ name: "console.md", text: hostile }]);
  await page.waitForURL(/\/console\/tasks\/\d+$/);
  await done(page);
  await picture(page, "task");
  await page.getByRole("link", { name: "Open", exact: true }).click();
  await page.locator("article.paper").waitFor();
  assert.equal(await page.locator("article.paper h2").first().innerText(), "控制台 Console");
  assert.equal(await page.locator("article.paper script, article.paper [onclick], article.paper [onerror]").count(), 0);
  assert.equal(await page.locator('article.paper a[href^="javascript" i]').count(), 0);
  await picture(page, "document");

  // Exported, downloaded.
  await page.getByRole("button", { name: "Export as pdf" }).click();
  await page.waitForURL(/\/console\/tasks\/\d+$/);
  await done(page);
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const download = await waiting;
  assert.match(download.suggestedFilename(), /\.pdf$/);

  // A sheet of a million rows.
  const lines = ["row,square,name"];
  for (let row = 2; row <= ROWS; row++) lines.push(`${row},${row % 977},n${row % 31}`);
  const large = join(folder, "million.csv");
  writeFileSync(large, lines.join("\n"));
  await page.goto(`${base}/console/files`);
  await page.setInputFiles("#file", large);
  await page.waitForURL(/\/console\/tasks\/\d+$/, { timeout: 180_000 });
  await page.locator("#task .standing .state.succeeded").waitFor({ timeout: 180_000 });
  await page.getByRole("link", { name: "Open", exact: true }).click();
  const cells = page.locator(".grid td:not(.waiting)");
  await cells.first().waitFor();
  assert.equal(await cells.first().innerText(), "row");
  await page.fill('[name="row"]', String(ROWS));
  await page.getByRole("button", { name: "Go", exact: true }).click();
  await page.getByRole("cell", { name: String(ROWS), exact: true }).waitFor();
  const steps = [];
  for (let step = 1; step <= 40; step++) {
    const began = performance.now();
    const row = await page.evaluate(async (part) => {
      const grid = document.querySelector(".grid");
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * part;
      for (;;) {
        await new Promise((frame) => requestAnimationFrame(frame));
        const cell = grid.querySelector("tbody tr td");
        const top = grid.querySelector("tbody tr th");
        if (cell && !cell.classList.contains("waiting") && top.textContent === grid.dataset.top) return [top.textContent, cell.textContent];
      }
    }, step / 41);
    steps.push(performance.now() - began);
    assert.equal(row[0], row[1], "a row shows its own cells");
  }
  steps.sort((one, other) => one - other);
  console.log(`a million rows: 40 leaps, ${steps[20].toFixed(0)} ms each (median), ${steps[39].toFixed(0)} ms at most`);
  await picture(page, "sheet");

  // A fault that holds the next import; the task is seen, and cancelled.
  await page.goto(`${base}/console/rehearsal`);
  await page.fill('[name="on"]', "drive.import");
  await page.selectOption('[name="effect"]', "hold");
  await page.fill('[name="value"]', "reading");
  await page.fill('[name="times"]', "1");
  await page.fill('form.sheet [name="name"]', "stuck");
  await page.getByRole("button", { name: "Add", exact: true }).first().click();
  await page.getByRole("cell", { name: "stuck", exact: true }).waitFor();
  await page.goto(`${base}/console`);
  await drop(page, [{ name: "held.txt", text: "a file that is held" }]);
  await page.waitForURL(/\/console\/tasks\/\d+$/);
  await page.getByText("It waits, as rehearsed").waitFor();
  await picture(page, "held");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("#task .standing .state.cancelled").waitFor();

  // A fault by its number; what failed stands on the first page with its reason.
  await page.goto(`${base}/console/rehearsal`);
  await page.fill('[name="on"]', "drive.import");
  await page.selectOption('[name="effect"]', "status");
  await page.fill('[name="value"]', "129");
  await page.fill('[name="times"]', "1");
  await page.getByRole("button", { name: "Add", exact: true }).first().click();
  await page.getByText('"status":129').waitFor();
  await picture(page, "rehearsal");
  await page.goto(`${base}/console`);
  await drop(page, [{ name: "broken.csv", text: "a,b\n1,2\n" }]);
  await page.waitForURL(/\/console\/tasks\/\d+$/);
  await page.locator("#task .standing .state.failed").waitFor();
  await page.getByRole("heading", { name: /^129: / }).waitFor();
  await picture(page, "failed");

  // Nor does a file that is truly broken go without its reason.
  await page.goto(`${base}/console`);
  await drop(page, [{ name: "no-word-file.docx", text: "this is no archive" }]);
  await page.waitForURL(/\/console\/tasks\/\d+$/);
  await page.getByText("What to do:").waitFor();

  // The clock: a day on, and an export's file is gone.
  const before = (await admin("GET", "/clock")).clock.now_ms;
  await page.goto(`${base}/console/rehearsal`);
  await page.getByRole("button", { name: "+ a day" }).click();
  await page.waitForURL(/#clock$/);
  const after = (await admin("GET", "/clock")).clock.now_ms;
  assert.ok(after - before >= 86_400_000, "the clock is a day ahead");
  // Without the place on the page, so that coming back to it is seen.
  await page.goto(`${base}/console/rehearsal`);
  await page.getByRole("button", { name: "The machine's own time" }).click();
  await page.waitForURL(/#clock$/);

  // A page that is open hears of tasks without being loaded again.
  await page.goto(`${base}/console/tasks`);
  await page.evaluate(() => (window.kept = true));
  const other = await context.newPage();
  await other.goto(`${base}/console`);
  await drop(other, [{ name: "live.txt", text: "seen elsewhere" }]);
  await page.getByRole("link", { name: "live" }).waitFor();
  assert.equal(await page.evaluate(() => window.kept), true);
  await other.close();

  // A form of another page changes nothing: without the proof, and from another site.
  for (const headers of [{}, { "sec-fetch-site": "cross-site" }]) {
    const answer = await context.request.post(`${base}/console/rehearsal/reset`, { headers, form: { proof: "x" } });
    assert.equal(answer.status(), 400);
  }

  // All pages, in both languages and colours, on a desk and on a phone.
  const rooms = ["", "/tasks", "/files", "/wiki", "/people", "/meetings", "/rehearsal", "/requests", "/apps"];
  for (const [language, locale] of [["en", "en-US"], ["zh", "zh-CN"]]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [device, viewport] of [["desk", { width: 1280, height: 860 }], ["phone", { width: 360, height: 740 }]]) {
        const { context, page } = await open({ viewport, locale, colorScheme });
        await signIn(page);
        for (const room of rooms) {
          await page.goto(`${base}/console${room}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${room} is ${wide} px wider than a ${device}`);
          await picture(page, `${room.slice(1) || "overview"}-${language}-${colorScheme}-${device}`);
        }
        await context.close();
      }
    }
  }

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  const gone = await page.goto(`${base}/console/tasks`);
  assert.ok(gone.url().includes("/sign-in"), "a session that was ended is over");

  assert.equal(dialogs, 0, "something that was imported ran");
  assert.deepEqual(problems, []);
  console.log("console: signed in, imported, looked, scrolled, exported, cancelled, failed, moved the clock");
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
  await admin("DELETE", "/faults");
}

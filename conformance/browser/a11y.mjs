// What the pages are to somebody who does not see them well, or uses no mouse: the rules of axe-core (WCAG 2.2,
// A and AA, and good practice) on the consent page and on every page of the console, filled, in both languages
// and colours, on a desk and on a phone; and the keyboard's way through them. Serious and critical findings
// fail; the others are told.
//
//   node a11y.mjs [PART]        PART: only pages whose name has it
//
// Reads LARKSPUR_URL, LARKSPUR_ADMIN_TOKEN, LARKSPUR_APP_ID and LARKSPUR_APP_SECRET. Works in the server's first
// tenant, which is the one the console shows.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const base = process.env.LARKSPUR_URL;
const part = process.argv[2] ?? "";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

async function call(path, { method, body, token = process.env.LARKSPUR_ADMIN_TOKEN } = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const form = body instanceof FormData;
  if (!form) headers["content-type"] = "application/json";
  const answer = await fetch(base + path, { method: method ?? (body ? "POST" : "GET"), headers, body: form || !body ? body : JSON.stringify(body) });
  const told = await answer.json();
  assert.equal(told.code, 0, `${path}: ${JSON.stringify(told)}`);
  return told.data ?? told;
}

const app = { app_id: process.env.LARKSPUR_APP_ID, app_secret: process.env.LARKSPUR_APP_SECRET };
const { tenant_access_token: token } = await call("/open-apis/auth/v3/tenant_access_token/internal", { body: app, token: "" });

/** Imports a text; the task's number, once it has ended or, where `held`, runs. */
async function imported(name, text, type, held) {
  const extension = name.split(".").pop();
  const form = new FormData();
  const extra = JSON.stringify({ obj_type: type, file_extension: extension });
  for (const [field, value] of Object.entries({ file_name: name, parent_type: "ccm_import_open", size: String(Buffer.byteLength(text)), extra })) {
    form.append(field, value);
  }
  form.append("file", new Blob([text]), name);
  const { file_token } = await call("/open-apis/drive/v1/medias/upload_all", { body: form, token });
  const { ticket } = await call("/open-apis/drive/v1/import_tasks", { token, body: { file_extension: extension, file_token, type,
    file_name: name.slice(0, -extension.length - 1), point: { mount_type: 1, mount_key: "" } } });
  if (!held) await call(`/larkspur/v1/tasks/${ticket}?wait=30s`);
  return ticket;
}
const madeBy = async (ticket) => (await call(`/open-apis/drive/v1/import_tasks/${ticket}`, { token })).result.token;

// Something on every page: all that a document may hold, tasks in each state, rules, a second tenant.
const text = ["# 手册 Handbook", "", "Plain **bold**, *slanted*, `code` and [a link](https://example.com/).", "", "## Lists", "",
  "- one", "  - below", "- two", "", "1. first", "2. second", "", "- [x] done", "- [ ] open", "", "> quoted", "", "---", "",
  "| 名称 | n |", "|---|---|", "| 甲 | 1 |", "| 乙 | 2 |", "",
  `|${" wide |".repeat(12)}`, `|${"---|".repeat(12)}`, `|${" 一二三四五六七八九十 |".repeat(12)}`, "", "```js", "let a = 1;", "```", "", "$$e = mc^2$$"].join("\n");
const rows = ["date,name,amount,done", ...Array.from({ length: 300 }, (_, n) => `2026-11-${1 + (n % 28)},n${n % 7},${n * 1.5},${n % 2 === 0}`)].join("\n");
const handbook = await imported("handbook.md", text, "docx");
const sheet = await imported("orders.csv", rows, "sheet");
const table = await imported("orders.csv", rows, "bitable");
await call("/larkspur/v1/faults", { body: { name: "a11y-failed", family: "drive.import", file: "failed*", status: 129 } });
await call("/larkspur/v1/faults", { body: { name: "a11y-held", family: "drive.import", file: "held*", hold: { stage: "reading", done: 3, total: 10 } } });
const failed = await imported("failed.md", text, "docx");
const held = await imported("held.md", text, "docx", true);
const lossy = await imported("lossy.html", "<h1>a</h1><p>b</p><video src=x></video><img src='https://example.com/x.png'>", "docx");
const { webhook } = await call("/larkspur/v1/webhooks", { body: { url: "https://example.com/hook", description: "a11y" } });
const spaces = (await call("/open-apis/wiki/v2/spaces", { token })).items;
const redirect = "http://127.0.0.1:1/callback";
const { tenant } = await call("/larkspur/v1/tenants", { body: { name: "Accessible", app: { redirect_uris: [redirect], scopes: ["drive:drive"] } } });

const consent = `/open-apis/authen/v1/authorize?` + new URLSearchParams({ client_id: tenant.app_id, response_type: "code", redirect_uri: redirect, scope: "drive:drive" });
const refused = ["consent-refused", "nothing"];
const before = {
  consent,
  "consent-refused": consent.replace("drive%3Adrive", "no%3Asuch"),
  "sign-in": "/console/sign-in",
  "sign-in-link": "/console/sign-in?link=used-before",
};
const pages = {
  overview: "/console",
  tasks: "/console/tasks",
  "tasks-none": "/console/tasks?state=cancelled&name=nothing",
  "task-succeeded": `/console/tasks/${handbook}`,
  "task-failed": `/console/tasks/${failed}`,
  "task-held": `/console/tasks/${held}`,
  "task-with-losses": `/console/tasks/${lossy}`,
  files: "/console/files",
  document: `/console/documents/${await madeBy(handbook)}`,
  sheet: `/console/sheets/${await madeBy(sheet)}`,
  base: `/console/bases/${await madeBy(table)}`,
  wiki: "/console/wiki",
  ...(spaces.length > 0 && { "wiki-space": `/console/wiki/${spaces[0].space_id}` }),
  people: "/console/people",
  meetings: "/console/meetings",
  rehearsal: "/console/rehearsal",
  requests: "/console/requests",
  apps: "/console/apps",
  nothing: "/console/documents/nothing",
};

const findings = new Map();
let looked = 0;

function note(bad, text, setting) {
  const seen = findings.get(text) ?? { bad, settings: [] };
  seen.settings.push(setting);
  findings.set(text, seen);
}

/** Adds what axe finds on the page as it is. */
async function look(page, name, setting) {
  // Over the browser's own wire: the page's policy lets no script in, and stays as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run({ runOnly: { type: "tag", values: tags } }), RULES);
  looked += 1;
  for (const { id, impact, help, nodes } of violations) {
    for (const { target, failureSummary } of nodes) {
      const where = `${target.join(" ")}\n    ${failureSummary.replaceAll("\n", "\n    ")}`;
      note(impact === "serious" || impact === "critical", `${impact} ${id} on ${name}: ${help}\n    ${where}`, setting);
    }
  }
}

/** Goes through a page with the tabulator: everything is reached, and one sees where one is. */
async function tabThrough(page, name, setting) {
  const wanted = await page.evaluate(() => {
    // From the top, wherever the page has put the focus.
    const top = document.createElement("span");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
    const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
    const open = all.filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    open.forEach((one, number) => { one.dataset.tabNumber = number; });
    return open.length;
  });
  // A control for a date has a stop for each of its parts.
  for (let step = 0; step < 8 * (wanted + 1); step++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      if (one.dataset.tabNumber === undefined) return { seen: true };
      const shows = (element) => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      };
      // A control too small to be seen has something drawn in its place, beside it.
      const near = [one, ...(one.labels ?? []), ...one.parentElement.querySelectorAll("*")];
      delete one.dataset.tabNumber;
      return { seen: near.some(shows), what: one.outerHTML.slice(0, 160) };
    });
    if (!here) break;
    if (!here.seen) note(true, `keyboard on ${name}: where one is cannot be seen\n    ${here.what}`, setting);
  }
  // Of a group of radio buttons one is reached, and the others from it.
  const missed = await page.evaluate(() => [...document.querySelectorAll("[data-tab-number]:not([type=radio])")]
    .map((one) => one.outerHTML.slice(0, 160)));
  for (const what of missed) note(true, `keyboard on ${name}: not reached\n    ${what}`, setting);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
const chosen = (some) => Object.entries(some).filter(([name]) => name.includes(part));
try {
  for (const [device, viewport] of [["desk", { width: 1280, height: 860 }], ["phone", { width: 360, height: 740 }]]) {
    for (const locale of ["en-US", "zh-CN"]) {
      for (const colorScheme of ["light", "dark"]) {
        const setting = `${device} ${locale} ${colorScheme}`;
        const context = await browser.newContext({ viewport, locale, colorScheme, reducedMotion: "reduce" });
        const page = await context.newPage();
        const visit = async (name, address) => {
          const answer = await page.goto(base + address, { waitUntil: "load" });
          assert.equal(answer.ok(), !refused.includes(name), `${name}: HTTP ${answer.status()}`);
          // A viewer fills itself.
          if (name === "sheet") await page.locator(".grid td:not(.waiting)").first().waitFor();
          // What is folded up belongs to the page.
          await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
          await look(page, name, setting);
          if (locale === "en-US" && colorScheme === "light") await tabThrough(page, name, setting);
        };
        for (const [name, address] of chosen(before)) await visit(name, address);
        await page.goto(`${base}/console/sign-in`);
        await page.fill("#token", "adm-wrong");
        await page.getByRole("button").click();
        await page.getByRole("alert").waitFor();
        if ("sign-in-wrong".includes(part)) await look(page, "sign-in-wrong", setting);
        await page.fill("#token", process.env.LARKSPUR_ADMIN_TOKEN);
        await page.getByRole("button").click();
        await page.waitForURL(`${base}/console`);
        for (const [name, address] of chosen(pages)) await visit(name, address);
        // The way past the navigation.
        await page.goto(`${base}/console/tasks`);
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        const skipped = await page.evaluate(() => document.activeElement?.id);
        if (skipped !== "main") note(true, "keyboard on tasks: the first stop does not lead past the navigation", setting);
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  for (const name of ["a11y-failed", "a11y-held"]) await call(`/larkspur/v1/faults/${name}`, { method: "DELETE" });
  await call(`/larkspur/v1/tasks/${held}/cancel`, { method: "POST" });
  await call(`/larkspur/v1/webhooks/${webhook.webhook_id}`, { method: "DELETE" });
}

const sorted = [...findings].sort(([, one], [, other]) => other.bad - one.bad);
for (const [key, { settings }] of sorted) console.log(`${key}\n    in: ${settings.join(", ")}\n`);
const bad = sorted.filter(([, { bad }]) => bad).length;
console.log(`accessibility: ${looked} pages looked at, ${bad} serious findings, ${sorted.length - bad} others`);
process.exitCode = bad > 0 ? 1 : 0;

// Opens pages in chromium, each wide and light, and narrow and dark (no rule depends on both), and prints what a reader would stumble over as JSON.
// Usage: node axe.mjs PAGE.html ...      Output: [{page, width, scheme, violations, requests, overflow, errors, bytes}]
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET });
const report = [];
for (const path of process.argv.slice(2)) {
  const views = [[1280, "light"], [375, "dark"]].map(([width, scheme]) => visit(path, width, scheme));
  report.push(...await Promise.all(views));
}
await browser.close();
console.log(JSON.stringify(report, null, 1));

async function visit(path, width, scheme) {
  const context = await browser.newContext({
    viewport: { width, height: 800 }, colorScheme: scheme, offline: true, bypassCSP: false,
  });
  const page = await context.newPage();
  const requests = [], errors = [];
  page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) requests.push(request.url()); });
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(resolve(path)).href, { waitUntil: "load" });
  await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (rules) => {
    const found = await axe.run({ runOnly: rules });
    return found.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(" ")).join("; ")}`);
  }, RULES);
  const overflow = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
  await context.close();
  return { page: path, width, scheme, violations, requests, overflow, errors, bytes: statSync(path).size };
}

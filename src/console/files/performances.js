// Keeps the rows of the table as they are now. The order stays until the page is asked for anew: a
// row that moves away under a finger helps nobody. Without this script the table stands still.

const table = document.querySelector("table[data-live]");
const link = document.querySelector("[data-link]");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const span = 2000;

const shown = new Map();
for (const row of table?.querySelectorAll("[data-row]") ?? []) shown.set(row.dataset.row, row);
let version = table?.querySelector("tbody").dataset.version;

async function look() {
  const asked = new URLSearchParams({ part: "rows", of: [...shown.keys()].join(","), since: version });
  const answer = await fetch(`${table.dataset.live}?${asked}`, { cache: "no-store" });
  // Whoever is signed out is led to the door, and so is the page.
  if (answer.redirected) return location.reload();
  if (!answer.ok) throw answer;
  const part = document.createElement("template");
  part.innerHTML = `<table>${await answer.text()}</table>`;
  version = part.content.querySelector("tbody").dataset.version;
  for (const row of part.content.querySelectorAll("[data-row]")) {
    // The first cell is the name, which may have the focus, and does not change.
    [...row.cells].slice(1).forEach((cell, at) => {
      const old = shown.get(row.dataset.row).cells[at + 1];
      if (old.innerHTML !== cell.innerHTML) old.replaceWith(cell);
    });
  }
  link.textContent = `Live, ${clock.format(new Date())}. The order is that of when the page was loaded.`;
}

async function follow() {
  if (!document.hidden) {
    await look().catch(() => {
      link.textContent = "The connection is lost; these figures are old. Trying again.";
    });
  }
  setTimeout(follow, span);
}

if (shown.size > 0) follow();

// Keeps pages up to date, takes files that are dropped, pages through large sheets. Pages are whole
// without it.

const proof = document.querySelector('meta[name="proof"]')?.content ?? "";
const language = document.documentElement.lang;

/** Says something to whoever looks, for some seconds. */
const tell = (text) => {
  const place = document.getElementById("told");
  if (!place) return;
  place.textContent = text;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (place.textContent = ""), 6000);
};

/** Puts the reader's own time in the place of UTC. */
const localise = (root) => {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = at.toLocaleString(language, { dateStyle: "medium", timeStyle: "medium" });
  }
};

// What is live on this page is taken anew from the server whenever something became of a task.
const live = [...document.querySelectorAll("[data-live]")];

const refresh = async () => {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname.endsWith("/sign-in")) return location.reload();
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh) continue;
    localise(fresh);
    if (fresh.innerHTML === old.innerHTML && fresh.hasAttribute("data-poll") === old.hasAttribute("data-poll")) continue;
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const place = held && [...old.querySelectorAll("a, button, input, summary")].indexOf(held);
    document.adoptNode(fresh);
    old.replaceWith(fresh);
    // Whoever stood on a link or a button stands there still.
    if (held) fresh.querySelectorAll("a, button, input, summary")[place]?.focus({ preventScroll: true });
  }
};

let waiting = null;
let busy = false;
const soon = (delay) => {
  waiting ??= setTimeout(async () => {
    waiting = null;
    if (busy) return soon(delay);
    busy = true;
    try {
      await refresh();
    } catch {
      // The server may be starting again; the next event or the clock asks once more.
    } finally {
      busy = false;
    }
  }, delay);
};

const moves = () => document.querySelector("[data-live][data-poll], [data-live] td .state.running");

if (live.length > 0) {
  const events = new EventSource("/console/events");
  let later = null;
  const heard = () => {
    soon(150);
    // What the server counts is a little old when counting is dear: the last event is looked at once more.
    clearTimeout(later);
    later = setTimeout(() => soon(0), 2500);
  };
  for (const name of ["queued", "running", "succeeded", "failed", "cancelled", "deleted"]) {
    events.addEventListener(`task.${name}`, heard);
  }
  events.onmessage = heard;
  // Progress is no event: what runs is looked at once a second while somebody looks.
  setInterval(() => {
    if (document.visibilityState === "visible" && moves()) soon(0);
  }, 1000);
}

// Forms that take something away ask first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.ask;
  if (question && !confirm(question)) event.preventDefault();
});

// Files.
const upload = (form, file) =>
  new Promise((done) => {
    const list = form.querySelector(".uploads");
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.ariaLabel = `${list.dataset.uploading} ${file.name}`;
    line.append(name, bar);
    list.prepend(line);
    const query = new URLSearchParams({ name: file.name, size: file.size });
    if (form.dataset.folder) query.set("folder", form.dataset.folder);
    const table = /\.(xlsx|xls|csv)$/i.test(file.name);
    const kind = form.querySelector('[name="kind"]').value;
    if (table && kind) query.set("kind", kind);
    const request = new XMLHttpRequest();
    request.open("POST", `/console/import?${query}`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("x-larkspur-proof", proof);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    const fail = (why) => {
      bar.remove();
      const mark = document.createElement("span");
      mark.className = "state failed";
      mark.textContent = list.dataset.failed;
      const reason = document.createElement("span");
      reason.textContent = why;
      line.append(mark, reason);
      done(null);
    };
    request.onerror = () => fail(list.dataset.lost);
    request.onload = () => {
      const answer = request.response;
      if (request.status !== 200 || !answer || answer.code !== 0) {
        const fields = answer?.error?.field_violations?.map((field) => field.description).join("; ");
        return fail(fields || answer?.error?.message || answer?.msg || `HTTP ${request.status}`);
      }
      bar.value = 1;
      const address = `/console/tasks/${answer.data.task_id}`;
      const link = document.createElement("a");
      link.href = address;
      link.textContent = file.name;
      name.replaceWith(link);
      done(address);
    };
    request.send(file);
  });

for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector('input[type="file"]');
  const take = async (files) => {
    const addresses = [];
    // One after the other: the next one's progress means something then.
    for (const file of files) addresses.push(await upload(form, file));
    if (addresses.length === 1 && addresses[0]) location.href = addresses[0];
    else soon(0);
  };
  input.addEventListener("change", () => take([...input.files]));
  let depth = 0;
  const over = (by) => {
    depth = Math.max(0, depth + by);
    form.classList.toggle("over", depth > 0);
  };
  // The whole page takes files: nobody loses the page by dropping a file beside the frame.
  addEventListener("dragenter", (event) => event.dataTransfer?.types.includes("Files") && over(1));
  addEventListener("dragleave", (event) => event.dataTransfer?.types.includes("Files") && over(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    over(-depth);
    take([...event.dataTransfer.files]);
  });
}

// Trees.
const piece = async (address) => {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return tell(`HTTP ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("ul");
};

document.addEventListener(
  "toggle",
  async (event) => {
    const branch = event.target;
    if (!branch.open || !branch.dataset?.load) return;
    const address = branch.dataset.load;
    delete branch.dataset.load;
    const below = await piece(address);
    if (!below) return;
    branch.querySelector(":scope > a")?.remove();
    branch.append(document.adoptNode(below));
  },
  true,
);

document.addEventListener("click", async (event) => {
  const more = event.target.closest?.("[data-more]");
  if (!more) return;
  event.preventDefault();
  const rest = await piece(more.href);
  if (rest) more.closest("li").replaceWith(...document.adoptNode(rest).children);
});

// Sheets.
const ROW = 26;
const COLUMN = 132;
const HEAD = 78;
/** Browsers end near twice this height; taller sheets scroll in larger steps. */
const TALLEST = 8_000_000;
const BLOCK_ROWS = 200;
const BLOCK_COLUMNS = 40;
const BLOCKS = 120;

const letters = (column) => {
  let text = "";
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    text = String.fromCharCode(65 + (rest % 26)) + text;
  }
  return text;
};

class Grid {
  constructor(place) {
    this.place = place;
    this.address = place.dataset.grid;
    this.rows = Number(place.dataset.rows);
    this.columns = Number(place.dataset.columns);
    this.blocks = new Map();
    place.textContent = "";
    this.view = document.createElement("div");
    this.view.className = "view";
    this.ground = document.createElement("div");
    this.ground.setAttribute("aria-hidden", "true");
    this.table = document.createElement("table");
    this.table.setAttribute("aria-rowcount", this.rows);
    this.table.setAttribute("aria-colcount", this.columns);
    this.view.append(this.table);
    place.append(this.view, this.ground);
    this.tall = Math.min(this.rows * ROW, TALLEST);
    place.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(place);
  }

  /** The first row that is seen, and how far it is scrolled out. */
  top() {
    const { scrollTop, clientHeight } = this.place;
    if (this.tall === this.rows * ROW) return [Math.floor(scrollTop / ROW), scrollTop % ROW];
    const seen = Math.floor((clientHeight - ROW) / ROW);
    const most = this.tall + ROW - clientHeight;
    return [Math.round((scrollTop / Math.max(1, most)) * Math.max(0, this.rows - seen)), 0];
  }

  go(row) {
    const seen = Math.floor((this.place.clientHeight - ROW) / ROW);
    const most = this.tall + ROW - this.place.clientHeight;
    const at = Math.max(0, Math.min(row, this.rows - 1));
    this.place.scrollTop =
      this.tall === this.rows * ROW ? at * ROW : (at / Math.max(1, this.rows - seen)) * most;
    this.place.focus();
  }

  /** The text of a cell; undefined while it is on its way. */
  cell(row, column) {
    const block = this.blocks.get(`${Math.floor(row / BLOCK_ROWS)},${Math.floor(column / BLOCK_COLUMNS)}`);
    return block?.rows && (block.rows[row % BLOCK_ROWS]?.[column % BLOCK_COLUMNS] ?? "");
  }

  want(down, across) {
    const key = `${down},${across}`;
    const known = this.blocks.get(key);
    if (known) {
      // The ones used last are let go of last.
      this.blocks.delete(key);
      this.blocks.set(key, known);
      return;
    }
    const top = down * BLOCK_ROWS;
    const left = across * BLOCK_COLUMNS;
    if (down < 0 || across < 0 || top >= this.rows || left >= this.columns) return;
    const query = new URLSearchParams({
      top,
      left,
      rows: Math.min(BLOCK_ROWS, this.rows - top),
      columns: Math.min(BLOCK_COLUMNS, this.columns - left),
    });
    const block = {};
    this.blocks.set(key, block);
    for (const old of this.blocks.keys()) {
      if (this.blocks.size <= BLOCKS) break;
      this.blocks.delete(old);
    }
    fetch(`${this.address}?${query}`, { headers: { accept: "application/json" } })
      .then(async (answer) => {
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        block.rows = (await answer.json()).rows;
        this.draw();
      })
      .catch((error) => {
        this.blocks.delete(key);
        tell(error.message);
      });
  }

  draw() {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = null;
      this.drawNow();
    });
  }

  drawNow() {
    const { clientWidth, clientHeight, scrollLeft } = this.place;
    this.view.style.width = `${clientWidth}px`;
    this.view.style.height = `${clientHeight}px`;
    // What is seen stands in the place of its own height; the rest is ground to scroll over.
    this.ground.style.height = `${Math.max(0, this.tall + ROW - clientHeight)}px`;
    this.ground.style.width = `${HEAD + this.columns * COLUMN}px`;
    const [top, over] = this.top();
    const left = Math.floor(scrollLeft / COLUMN);
    const high = Math.min(this.rows - top, Math.ceil((clientHeight - ROW) / ROW) + 1);
    const wide = Math.min(this.columns - left, Math.ceil((clientWidth - HEAD) / COLUMN) + 1);
    const first = Math.floor(top / BLOCK_ROWS);
    const last = Math.floor((top + high) / BLOCK_ROWS);
    const from = Math.floor(left / BLOCK_COLUMNS);
    const to = Math.floor((left + wide) / BLOCK_COLUMNS);
    // What is seen, and a block further down, before it is looked for.
    for (let down = last + 1; down >= first; down--) {
      for (let across = from; across <= to; across++) this.want(down, across);
    }
    const body = document.createElement("tbody");
    const head = document.createElement("tr");
    const heading = (text, row) => {
      const cell = document.createElement("th");
      cell.textContent = text;
      row.append(cell);
    };
    heading("#", head);
    for (let column = left; column < left + wide; column++) heading(letters(column), head);
    for (let row = top; row < top + high; row++) {
      const line = document.createElement("tr");
      line.setAttribute("aria-rowindex", row + 1);
      heading(row + 1, line);
      for (let column = left; column < left + wide; column++) {
        const cell = document.createElement("td");
        const text = this.cell(row, column);
        if (text === undefined) {
          cell.className = "waiting";
          cell.textContent = "…";
        } else {
          cell.textContent = text;
          if (text.length > 18) cell.title = text;
        }
        line.append(cell);
      }
      body.append(line);
    }
    const top_ = document.createElement("thead");
    top_.append(head);
    this.table.replaceChildren(top_, body);
    body.style.transform = `translateY(${-over}px)`;
    top_.style.position = "relative";
    top_.style.zIndex = 1;
    this.table.style.transform = `translateX(${-(scrollLeft % COLUMN)}px)`;
    this.place.dataset.top = top + 1;
  }
}

for (const place of document.querySelectorAll("[data-grid]")) {
  const grid = new Grid(place);
  grid.draw();
  document.querySelector("[data-goto]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    grid.go(Number(new FormData(event.target).get("row")) - 1);
  });
}

localise(document);

// The house on a canvas: up to 131,072 seats, from far or close. Knows where seats are, which are
// chosen and how they look; not what can be done with them.

// From so many pixels between neighbours on, a seat has its shape, and its label.
const shape_px = 7;
const label_px = 24;
const close_px = 28;
const far_px = 90;

export class SeatMap {
  chosen = new Set();
  cursor = -1;
  #canvas;
  #plan;
  #paths;
  #looks = new Map();
  #letters;
  #x;
  #y;
  #cells = new Map();
  #frame;
  #sections = [];
  #pitch;
  #scale = 1;
  #left = 0;
  #top = 0;
  #fitted = true;

  /** `paths`: the shape of each letter, as an element that has its colours. */
  constructor(canvas, plan, paths) {
    this.#canvas = canvas;
    this.#plan = plan;
    this.#paths = paths;
    this.#letters = new Array(plan.seats.length).fill("?");
    this.#pitch = pitch(plan);
    this.#x = Float64Array.from(plan.seats, (seat) => seat.x);
    this.#y = Float64Array.from(plan.seats, (seat) => seat.y);
    const shifts = spread(plan, this.#pitch);
    plan.seats.forEach((seat, at) => {
      this.#y[at] += shifts[seat.section];
      const key = this.#key(this.#x[at], this.#y[at]);
      if (this.#cells.has(key)) this.#cells.get(key).push(at);
      else this.#cells.set(key, [at]);
    });
    this.#frame = this.#around();
    this.resize();
  }

  letter(at) {
    return this.#letters[at];
  }

  /** What a seat is called, with what is particular about it. */
  name(at) {
    const seat = this.#plan.seats[at];
    const row = this.#plan.rows[seat.row].label;
    const parts = [this.#plan.sections[seat.section].name, row && `row ${row}`, `seat ${seat.label}`];
    if (seat.accessible) parts.push("wheelchair place");
    if (seat.companion) parts.push("companion");
    if (seat.restricted_view) parts.push("restricted view");
    return parts.filter(Boolean).join(", ");
  }

  /** Takes in subscripts and letters; says whether anything is new. */
  take(changes) {
    let news = false;
    for (const [at, letter] of changes) {
      news ||= this.#letters[at] !== letter;
      this.#letters[at] = letter;
    }
    return news;
  }

  tally(letter) {
    return this.#letters.reduce((count, one) => count + (one === letter), 0);
  }

  row(at) {
    const { row } = this.#plan.seats[at];
    return this.#plan.rows[row].runs.flatMap(([first, last]) => span(first, last));
  }

  section(at) {
    const { section } = this.#plan.seats[at];
    return [...this.#x.keys()].filter((other) => this.#plan.seats[other].section === section);
  }

  /** The seat nearest to the middle of what is seen. */
  middle() {
    const { clientWidth, clientHeight } = this.#canvas;
    return this.#nearest(...this.#plane(clientWidth / 2, clientHeight / 2), this.#x.keys());
  }

  /** The seat at a point of the canvas; -1 where there is none. */
  at(x, y) {
    const point = this.#plane(x, y);
    const at = this.#nearest(...point, this.#near(...point));
    // A finger is wider than a seat seen from far.
    const reach = Math.max(this.#pitch * 0.6, 12 / this.#scale);
    return at >= 0 && Math.hypot(this.#x[at] - point[0], this.#y[at] - point[1]) <= reach ? at : -1;
  }

  /** The seats of a rectangle between two points of the canvas. */
  within(one, other) {
    const [[x1, y1], [x2, y2]] = [this.#plane(...one), this.#plane(...other)];
    const inside = (value, a, b) => value >= Math.min(a, b) && value <= Math.max(a, b);
    return [...this.#x.keys()].filter((at) => inside(this.#x[at], x1, x2) && inside(this.#y[at], y1, y2));
  }

  /** The seat that lies nearest in a direction; what lies aside counts as three times as far. */
  towards(from, [right, down]) {
    let [best, shortest] = [from, Infinity];
    for (const at of this.#x.keys()) {
      const [dx, dy] = [this.#x[at] - this.#x[from], this.#y[at] - this.#y[from]];
      const ahead = dx * right + dy * down;
      const way = ahead + 3 * Math.abs(dx * down + dy * right);
      if (ahead > this.#pitch / 4 && way < shortest) [best, shortest] = [at, way];
    }
    return best;
  }

  /** Comes so close, and so far over, that a seat is seen well. */
  reveal(at) {
    const [wide, high] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (this.#pitch * this.#scale < shape_px) this.#come(close_px / this.#pitch);
    const [x, y] = this.#pixel(this.#x[at], this.#y[at]);
    const edge = Math.min(60, wide / 4, high / 4);
    const [over, under] = [beyond(x, edge, wide - edge), beyond(y, edge, high - edge)];
    this.#move(-over, -under);
  }

  fit() {
    const { width, height } = this.#frame;
    this.#scale = Math.min(this.#canvas.clientWidth / width, this.#canvas.clientHeight / height);
    this.#fitted = true;
    this.#move(0, 0);
    this.draw();
  }

  zoom(by, [x, y] = [this.#canvas.clientWidth / 2, this.#canvas.clientHeight / 2]) {
    const [planeX, planeY] = this.#plane(x, y);
    this.#come(this.#scale * by);
    this.#left = planeX - x / this.#scale;
    this.#top = planeY - y / this.#scale;
    this.#move(0, 0);
    this.draw();
  }

  pan(x, y) {
    this.#move(x, y);
    this.draw();
  }

  resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    const dense = devicePixelRatio || 1;
    this.#canvas.width = clientWidth * dense;
    this.#canvas.height = clientHeight * dense;
    if (this.#fitted) this.fit();
    else this.#move(0, 0);
    this.dress();
  }

  /** Takes up the colours of the scheme. */
  dress() {
    for (const [letter, path] of this.#paths) {
      const { fill, stroke } = getComputedStyle(path);
      this.#looks.set(letter, { fill, stroke, shape: new Path2D(path.getAttribute("d")) });
    }
    this.draw();
  }

  /** Draws what is seen, with a rectangle between two points if one is being drawn. */
  draw(rectangle) {
    const pen = this.#canvas.getContext("2d");
    const dense = devicePixelRatio || 1;
    // A finger on the whole house scrolls the page, on a part of it the map.
    this.#canvas.classList.toggle("close", !this.#fitted);
    const style = getComputedStyle(this.#canvas);
    const [ink, paper, quiet] = [style.color, style.backgroundColor, style.borderTopColor];
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    this.#stage(pen, ink, quiet);
    const seen = this.#seen();
    const size = this.#pitch * this.#scale;
    for (const at of seen) if (this.chosen.has(at)) this.#box(pen, at, size * 0.98, ink, true);
    if (size < shape_px) this.#dots(pen, seen, size);
    else this.#shapes(pen, seen, size, { ink, paper });
    if (this.cursor >= 0) this.#box(pen, this.cursor, Math.max(size * 1.1, 10), ink, false);
    this.#names(pen, ink);
    if (rectangle) {
      const [[x1, y1], [x2, y2]] = rectangle;
      pen.setLineDash([6, 4]);
      pen.strokeStyle = ink;
      pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
      pen.setLineDash([]);
    }
  }

  #dots(pen, seen, size) {
    let [last, side] = ["", 1];
    for (const at of seen) {
      const letter = this.#letters[at];
      if (letter !== last) {
        pen.fillStyle = this.#looks.get(letter)?.stroke ?? "transparent";
        // What is available is small: a full house looks full without any colour.
        [last, side] = [letter, Math.max(1, size * (letter === "a" ? 0.45 : 0.85))];
      }
      const [x, y] = this.#pixel(this.#x[at], this.#y[at]);
      pen.fillRect(x - side / 2, y - side / 2, side, side);
    }
  }

  #shapes(pen, seen, size, { ink, paper }) {
    const dense = devicePixelRatio || 1;
    const labelled = size >= label_px;
    const unit = size * 0.38;
    pen.font = `${Math.round(unit * 0.85)}px system-ui, sans-serif`;
    [pen.textAlign, pen.textBaseline] = ["center", "middle"];
    for (const at of seen) {
      const look = this.#looks.get(this.#letters[at]);
      if (!look) continue;
      const [x, y] = this.#pixel(this.#x[at], this.#y[at]);
      pen.setTransform(dense * unit, 0, 0, dense * unit, dense * x, dense * y);
      pen.fillStyle = look.fill;
      pen.strokeStyle = look.stroke;
      pen.lineWidth = Math.min(0.3, 1.5 / unit);
      if (look.fill !== "none") pen.fill(look.shape);
      pen.stroke(look.shape);
      pen.setTransform(dense, 0, 0, dense, 0, 0);
      if (labelled && "as".includes(this.#letters[at])) {
        pen.fillStyle = this.#letters[at] === "s" ? paper : ink;
        pen.fillText(this.#plan.seats[at].label, x, y, unit * 1.7);
      }
    }
  }

  #box(pen, at, side, ink, filled) {
    const [x, y] = this.#pixel(this.#x[at], this.#y[at]);
    pen.fillStyle = pen.strokeStyle = ink;
    pen.globalAlpha = filled ? 0.25 : 1;
    pen.lineWidth = filled ? 1.5 : 3.5;
    if (filled) pen.fillRect(x - side / 2, y - side / 2, side, side);
    pen.globalAlpha = 1;
    if (!filled || side > 14) pen.strokeRect(x - side / 2, y - side / 2, side, side);
  }

  #stage(pen, ink, quiet) {
    if (!this.#plan.focal_point) return;
    const { x, y } = this.#plan.focal_point;
    const [wide, high] = [Math.max(60, this.#frame.width * this.#scale * 0.3), Math.max(18, this.#pitch * this.#scale)];
    const [left, top] = this.#pixel(x, y);
    pen.strokeStyle = quiet;
    pen.lineWidth = 1;
    pen.strokeRect(left - wide / 2, top - high / 2, wide, high);
    this.#write(pen, "Stage", left, top, ink);
  }

  #names(pen, ink) {
    const close = this.#pitch * this.#scale >= 14;
    for (const { name, left, right, top, first } of this.#sections) {
      const [x1, y] = this.#pixel(left, Number.isFinite(top) ? top : first);
      const [x2] = this.#pixel(right, first);
      pen.font = "12px system-ui, sans-serif";
      // A name that is wider than what it names would cover the next one.
      if (name && (close || pen.measureText(name).width < x2 - x1 + 24)) {
        this.#write(pen, name, (x1 + x2) / 2, y - Math.max(10, this.#pitch * this.#scale), ink);
      }
    }
    if (!close) return;
    for (const { label, runs } of this.#plan.rows) {
      const [first, last] = runs[0] ?? [];
      if (!label || first === undefined) continue;
      const step = last > first ? [this.#x[first + 1] - this.#x[first], this.#y[first + 1] - this.#y[first]] : [this.#pitch, 0];
      const [x, y] = this.#pixel(this.#x[first] - step[0], this.#y[first] - step[1]);
      if (x > 8) this.#write(pen, label, x, y, ink);
    }
  }

  #write(pen, text, x, y, ink) {
    const [wide, high] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (x < -50 || x > wide + 50 || y < -20 || y > high + 20) return;
    pen.font = "12px system-ui, sans-serif";
    [pen.textAlign, pen.textBaseline, pen.fillStyle] = ["center", "middle", ink];
    const half = pen.measureText(text).width / 2 + 2;
    pen.fillText(text, Math.min(Math.max(x, half), wide - half), y);
  }

  #seen() {
    const [left, top] = this.#plane(0, 0);
    const [right, bottom] = this.#plane(this.#canvas.clientWidth, this.#canvas.clientHeight);
    const edge = this.#pitch;
    return [...this.#x.keys()].filter((at) => {
      const [x, y] = [this.#x[at], this.#y[at]];
      return x > left - edge && x < right + edge && y > top - edge && y < bottom + edge;
    });
  }

  #around() {
    const places = this.#plan.sections.map(({ name }) => ({ name, left: Infinity, right: -Infinity, first: Infinity }));
    const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    const grow = (x, y) => {
      [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x)];
      [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y)];
    };
    this.#plan.seats.forEach(({ section }, at) => {
      const place = places[section];
      [place.left, place.right] = [Math.min(place.left, this.#x[at]), Math.max(place.right, this.#x[at])];
      grow(this.#x[at], this.#y[at]);
    });
    if (this.#plan.focal_point) grow(this.#plan.focal_point.x, this.#plan.focal_point.y);
    this.#sections = places.filter(({ left }) => Number.isFinite(left));
    // A name stands before the middle of the first row, which may bend away.
    places.forEach((place) => { place.top = Infinity; });
    const far = (place, at) => Math.abs(this.#x[at] - (place.left + place.right) / 2) > 2 * this.#pitch;
    this.#plan.seats.forEach(({ section }, at) => {
      const place = places[section];
      if (!far(place, at)) place.top = Math.min(place.top, this.#y[at]);
      place.first = Math.min(place.first, this.#y[at]);
    });
    const edge = 2.5 * this.#pitch;
    return {
      left: box.left - edge, top: box.top - edge,
      width: box.right - box.left + 2 * edge, height: box.bottom - box.top + 2 * edge,
    };
  }

  #come(scale) {
    const { width, height } = this.#frame;
    const whole = Math.min(this.#canvas.clientWidth / width, this.#canvas.clientHeight / height);
    this.#scale = Math.max(whole, Math.min(scale, far_px / this.#pitch));
    this.#fitted = this.#scale === whole;
  }

  // What is smaller than the canvas stands in its middle; what is larger never leaves it.
  #move(x, y) {
    const { left, top, width, height } = this.#frame;
    const keep = (value, from, size, room) => {
      return size <= room ? from - (room - size) / 2 : Math.max(from, Math.min(value, from + size - room));
    };
    this.#left = keep(this.#left - x / this.#scale, left, width, this.#canvas.clientWidth / this.#scale);
    this.#top = keep(this.#top - y / this.#scale, top, height, this.#canvas.clientHeight / this.#scale);
  }

  #pixel(x, y) {
    return [(x - this.#left) * this.#scale, (y - this.#top) * this.#scale];
  }

  #plane(x, y) {
    return [x / this.#scale + this.#left, y / this.#scale + this.#top];
  }

  #key(x, y) {
    const cell = 4 * this.#pitch;
    return `${Math.floor(x / cell)},${Math.floor(y / cell)}`;
  }

  #near(x, y) {
    const cell = 4 * this.#pitch;
    const steps = [-1, 0, 1];
    return steps.flatMap((right) => steps.flatMap((down) => this.#cells.get(this.#key(x + right * cell, y + down * cell)) ?? []));
  }

  #nearest(x, y, some) {
    let [best, shortest] = [-1, Infinity];
    for (const at of some) {
      const way = Math.hypot(this.#x[at] - x, this.#y[at] - y);
      if (way < shortest) [best, shortest] = [at, way];
    }
    return best;
  }
}

const span = (first, last) => Array.from({ length: last - first + 1 }, (_, step) => first + step);
const beyond = (value, least, most) => Math.min(0, value - least) + Math.max(0, value - most);

// The distance of most neighbours: the median, so that a strange row changes nothing.
function pitch({ rows, seats }) {
  const ways = rows.flatMap(({ runs }) => runs).filter(([first, last]) => last > first)
    .map(([first]) => Math.hypot(seats[first + 1].x - seats[first].x, seats[first + 1].y - seats[first].y));
  const sorted = ways.filter((way) => way > 0).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 1;
}

// How far behind its own place each section is drawn: one that hangs over another would cover it.
function spread({ sections, rows, seats }, step) {
  const boxes = sections.map(() => []);
  for (const { section, runs } of rows) {
    for (const [first, last] of runs) {
      const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
      for (let at = first; at <= last; at += 1) {
        const { x, y } = seats[at];
        [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x)];
        [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y)];
      }
      boxes[section].push(box);
    }
  }
  const shifts = sections.map(() => 0);
  const order = sections.map((_, at) => at).filter((at) => boxes[at].length > 0);
  const front = (at) => Math.min(...boxes[at].map(({ top }) => top));
  order.sort((one, other) => front(one) - front(other));
  const laid = [];
  const over = (box, shift) => laid.find((other) => {
    return box.left < other.right + step && other.left < box.right + step
      && box.top + shift < other.bottom + step && other.top < box.bottom + shift + step;
  });
  for (const at of order) {
    // Each step goes behind a run that is further behind than the last, so this ends.
    for (let found = boxes[at]; found; ) {
      found = null;
      for (const box of boxes[at]) {
        const other = over(box, shifts[at]);
        if (!other) continue;
        shifts[at] = other.bottom + 4 * step - box.top;
        found = box;
      }
    }
    for (const box of boxes[at]) {
      laid.push({ ...box, top: box.top + shifts[at], bottom: box.bottom + shifts[at] });
    }
  }
  return shifts;
}

// The whole house as one picture: drawn once from a plan, looked at from far or close. Knows where
// seats are and how they look, not which are free.

// The smallest target that a finger hits, and what a seat has when looked at closely.
const target_px = 24;
const close_px = 30;
// Zones differ by shape, not by colour alone. Each is drawn around 0, 0 in a box from -1 to 1.
const shapes = [
  "M-1,0a1,1 0 1,0 2,0a1,1 0 1,0 -2,0z", "M-.85-.85H.85V.85H-.85z", "M0-1.1L1.1,0L0,1.1L-1.1,0z",
  "M-.55-.95H.55L1.1,0L.55,.95H-.55L-1.1,0z",
];

export class House {
  constructor(frame, plan) {
    this.frame = frame;
    this.plan = plan;
    this.seats = plan.seats.map((seat, at) => ({ ...seat, group: this.#seat(seat, at), letter: "w" }));
    this.picture = draw("svg", { viewBox: plan.view.join(" "), role: "group", "aria-label": "Seat map" });
    this.picture.style.setProperty("--pitch", `${plan.pitch}px`);
    if (plan.focal_point) this.picture.append(...this.#stage(plan.focal_point));
    plan.sections.forEach((section, at) => this.picture.append(...this.#section(section, at)));
    frame.replaceChildren(this.picture);
    this.seats[0]?.group.setAttribute("tabindex", 0);
  }

  /** What a seat is called: its row, what it costs and what is special about it. */
  name(at) {
    const seat = this.seats[at];
    const parts = [seat.row && `Row ${seat.row}`, `seat ${seat.label}`, this.plan.zones[seat.zone]?.price];
    if (seat.accessible) parts.push("wheelchair place");
    if (seat.restricted_view) parts.push("restricted view");
    return parts.filter(Boolean).join(", ");
  }

  section(at) {
    return this.plan.sections[this.seats[at].section].name;
  }

  /** Shows a seat as free, chosen or taken, and says it in words. */
  show(at, look, checked, words) {
    const { group } = this.seats[at];
    for (const other of ["free", "chosen", "taken"]) group.classList.toggle(other, other === look);
    group.setAttribute("aria-label", `${this.name(at)}, ${words}`);
    group.setAttribute("aria-checked", checked);
    group.setAttribute("aria-disabled", look === "taken");
  }

  /** Explains colours and shapes. */
  explain(list) {
    const line = (text, looks, zone) => {
      const seat = draw("g", { class: `seat ${looks} ${tint(zone)}` }, mark(zone, 1));
      const key = draw("svg", { class: "key", viewBox: "-1.4 -1.4 2.8 2.8", "aria-hidden": true }, seat);
      const made = document.createElement("li");
      made.append(key, text);
      list.append(made);
    };
    this.plan.zones.forEach((zone, at) => {
      if (this.seats.some((seat) => seat.zone === at)) line(`${zone.name}, ${zone.price}`, "free", at);
    });
    line("yours", "chosen", 0);
    line("taken", "taken", 0);
    if (this.seats.some((seat) => seat.accessible)) line("wheelchair place", "free wheelchair", 0);
  }

  /** Whether a finger hits one seat and no other. */
  get close() {
    const scale = this.picture.getBoundingClientRect().width / this.plan.view[2];
    return this.plan.pitch * scale >= target_px;
  }

  /** Shows the whole house, or so little that seats are large enough. */
  come(closer) {
    this.frame.classList.toggle("whole", !closer);
    const width = (close_px / this.plan.pitch) * this.plan.view[2];
    this.picture.style.width = closer ? `${width}px` : "";
  }

  centre(at) {
    this.frame.scrollIntoView({ block: "nearest" });
    const seat = middle(this.seats[at].group);
    const frame = middle(this.frame);
    this.frame.scrollBy(seat.x - frame.x, seat.y - frame.y);
  }

  /** Only one seat is on the way of the Tab key; arrow keys lead to the others. */
  focus(at) {
    this.picture.querySelector("[tabindex='0']").setAttribute("tabindex", -1);
    const { group } = this.seats[at];
    group.setAttribute("tabindex", 0);
    group.focus({ preventScroll: true });
  }

  /** The seat that lies nearest in a direction; what lies aside counts as three times as far. */
  towards(from, [right, down]) {
    const here = this.seats[from].at;
    let [best, shortest] = [from, Infinity];
    this.seats.forEach(({ at }, index) => {
      const [dx, dy] = [at.x - here.x, at.y - here.y];
      const ahead = dx * right + dy * down;
      const span = ahead + 3 * Math.abs(dx * down + dy * right);
      if (ahead > this.plan.pitch / 4 && span < shortest) [best, shortest] = [index, span];
    });
    return best;
  }

  /** The seat nearest to a point of the screen. */
  nearest(x, y) {
    const span = ({ group }) => Math.hypot(middle(group).x - x, middle(group).y - y);
    const spans = this.seats.map(span);
    return spans.indexOf(spans.reduce((least, one) => Math.min(least, one), Infinity));
  }

  #seat(seat, at) {
    const { pitch } = this.plan;
    const box = { x: -pitch / 2, y: -pitch / 2, width: pitch, height: pitch };
    const label = draw("text", { dy: pitch * 0.13 }, seat.label);
    const place = `translate(${seat.at.x} ${seat.at.y})`;
    const group = draw(
      "g", { role: "checkbox", tabindex: -1, "data-at": at, transform: place },
      draw("rect", { class: "target", ...box }), mark(seat.zone, pitch * 0.38), label,
    );
    group.classList.add("seat", tint(seat.zone));
    group.classList.toggle("wheelchair", seat.accessible);
    return group;
  }

  #section(section, at) {
    const own = this.seats.filter((seat) => seat.section === at);
    const group = draw("g", { role: "group", "aria-label": section.name || "All seats" });
    group.append(...own.map((seat) => seat.group));
    const rows = own.flatMap((seat, index) => this.#row(seat, own[index - 1], own[index + 1]));
    return section.at ? [this.#title(section, own), ...rows, group] : [group];
  }

  // Above the first row as far as the name goes, since the row may bend; at a border it turns inwards.
  #title({ at, name }, seats) {
    const { view, pitch } = this.plan;
    const inner = seats.filter((seat) => Math.abs(seat.at.x - at.x) < (2 + name.length / 2) * pitch);
    const y = inner.reduce((least, seat) => Math.min(least, seat.at.y), Infinity) - 1.2 * pitch;
    const across = (at.x - view[0]) / view[2];
    const side = across < 0.15 ? "left" : across > 0.85 ? "right" : "";
    const x = { left: view[0], right: view[0] + view[2] }[side] ?? at.x;
    return this.#words({ x, y: Number.isFinite(y) ? y : at.y }, name, `name ${side}`);
  }

  // The label of a row, where a seat before its first would be.
  #row(seat, before, after) {
    if (!seat.row || before?.row === seat.row || after?.row !== seat.row) return [];
    const place = { x: 2 * seat.at.x - after.at.x, y: 2 * seat.at.y - after.at.y };
    return [this.#words(place, seat.row, "row")];
  }

  #stage({ x, y }) {
    const { view, pitch } = this.plan;
    const [width, height] = [view[2] * 0.4, pitch * 2];
    const box = { x: x - width / 2, y: y - height / 2, width, height, rx: pitch / 3 };
    return [draw("rect", { class: "stage", ...box }), this.#words({ x, y: y + pitch * 0.6 }, "Stage")];
  }

  #words({ x, y }, text, kind = "name") {
    return draw("text", { class: kind, x, y, "aria-hidden": true }, text);
  }
}

function draw(name, attributes, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

const tint = (zone) => `zone-${zone % shapes.length}`;
const mark = (zone, size) => draw("path", { d: shapes[zone % shapes.length], transform: `scale(${size})` });

function middle(element) {
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

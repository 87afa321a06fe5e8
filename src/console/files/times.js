// Times where the reader is. Fields know no zone: beside each goes how far this one is from UTC at
// that time. Without this script fields are meant as UTC, and say so.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const here = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
const east = (at) => -at.getTimezoneOffset();

for (const field of document.querySelectorAll("input[type=datetime-local]")) {
  const offset = field.form.elements[`${field.name}_offset`];
  const tell = () => {
    offset.value = east(field.value ? new Date(field.value) : new Date());
  };
  field.closest("label").querySelector(".zone").textContent = `(your time, ${zone})`;
  field.addEventListener("input", tell);
  // What a browser fills in again after a step back tells nobody.
  field.form.addEventListener("submit", tell);
  tell();
}

for (const moment of document.querySelectorAll("time.moment")) {
  const at = new Date(moment.dateTime);
  if (east(at) !== 0) moment.textContent += ` (${here.format(at)} here)`;
}

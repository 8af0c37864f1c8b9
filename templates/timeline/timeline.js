{
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const tip = document.getElementById("tip");
  const lanes = [...document.querySelectorAll(".lane")];
  const points = new WeakMap();

  /** Restore points of a lane, parsed when they are first needed. */
  const pointsOf = (lane) => {
    if (!points.has(lane)) {
      const read = JSON.parse(lane.dataset.points).map(([title, why, fate, row, x, end]) => ({
        text: [texts[title], texts[why], texts[fate]],
        row,
        x,
        end,
      }));
      points.set(lane, read);
    }
    return points.get(lane);
  };

  const pitchOf = (lane) => lane.viewBox.baseVal.height / Number(lane.dataset.rows);

  /** The restore point whose bar or mark is at a point of the picture. */
  const under = (lane, clientX, clientY) => {
    const box = lane.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * lane.viewBox.baseVal.width;
    const row = Math.floor(
      (((clientY - box.top) / box.height) * lane.viewBox.baseVal.height) / pitchOf(lane),
    );
    return pointsOf(lane).findLast((point) => point.row === row && point.x - 5 <= x && x <= point.end + 1);
  };

  let chosen;
  const choose = (lane, point, clientX, clientY) => {
    chosen?.remove();
    chosen = undefined;
    tip.hidden = point === undefined;
    if (point === undefined) return;
    const pitch = pitchOf(lane);
    chosen = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    chosen.setAttribute("class", "chosen");
    for (const [name, value] of Object.entries({
      x: point.x - 5,
      y: point.row * pitch,
      width: Math.max(10, point.end - point.x + 5),
      height: pitch,
      rx: 2,
    })) {
      chosen.setAttribute(name, value);
    }
    lane.append(chosen);
    const said = point.text.join("\n");
    if (tip.textContent !== said) tip.textContent = said;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(clientX + 14, innerWidth - width - 8);
    const top = clientY + 18 + height > innerHeight ? clientY - height - 12 : clientY + 18;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  };

  const step = (lane, by) => {
    const all = pointsOf(lane);
    const at = Number(lane.dataset.at ?? (by > 0 ? -1 : all.length));
    const next = Math.min(all.length - 1, Math.max(0, by === Infinity ? all.length - 1 : at + by));
    lane.dataset.at = next;
    const point = all[next];
    const box = lane.getBoundingClientRect();
    const scale = box.width / lane.viewBox.baseVal.width;
    choose(lane, point, box.left + point.x * scale, box.top + (point.row + 1) * pitchOf(lane) * scale);
  };

  const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  for (const lane of lanes) {
    lane.addEventListener("pointermove", (event) =>
      choose(lane, under(lane, event.clientX, event.clientY), event.clientX, event.clientY),
    );
    lane.addEventListener("pointerleave", () => choose(lane));
    lane.addEventListener("blur", () => choose(lane));
    lane.addEventListener("keydown", (event) => {
      if (event.key === "Escape") choose(lane);
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      step(lane, KEYS[event.key]);
    });
  }

  /** The same in words, made when it is opened. */
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", () => {
      if (details.querySelector("table")) return;
      const table = document.createElement("table");
      const head = table.createTHead().insertRow();
      for (const title of ["Restore point", "Why", "Until"]) {
        const cell = document.createElement("th");
        cell.scope = "col";
        cell.textContent = title;
        head.append(cell);
      }
      const body = table.createTBody();
      for (const { text } of pointsOf(details.closest("section").querySelector(".lane"))) {
        const row = body.insertRow();
        for (const said of text) row.insertCell().textContent = said;
      }
      details.append(table);
    });
  }

  const filter = document.getElementById("filter");
  filter?.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    let shown = 0;
    for (const section of document.querySelectorAll("section")) {
      section.hidden = !section.dataset.name.toLowerCase().includes(wanted);
      if (!section.hidden) shown += 1;
    }
    document.getElementById("count").textContent = `${shown} of ${lanes.length} domains`;
  });
}

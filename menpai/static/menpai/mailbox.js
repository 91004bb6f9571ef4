// Looks every second and a half whether anything is new or has changed, and then shows the page's new messages.
"use strict";
let shown = document.getElementById("messages").dataset.shown;

async function look() {
  const to = new URLSearchParams(location.search).get("to");
  const query = to ? "?to=" + encodeURIComponent(to) : "";
  const { messages } = await (await fetch("/dev/mailbox.json" + query)).json();
  const now = messages.map((one) => one.id + one.status).join();
  if (shown !== now) await replace(query);
  shown = now;
}

async function replace(query) {
  const page = new DOMParser().parseFromString(await (await fetch("/dev/mailbox" + query)).text(), "text/html");
  const opened = [...document.querySelectorAll("details[open]")].map(place);
  document.getElementById("messages").replaceWith(page.getElementById("messages"));
  for (const one of document.querySelectorAll("details")) one.open = opened.includes(place(one));
}

function place(details) {
  return details.closest("article").id + details.textContent.slice(0, 4);
}

setInterval(() => { if (!document.hidden) look().catch(() => {}); }, 1500);
look().catch(() => {});

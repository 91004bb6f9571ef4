// The two buttons of the activation page. Every word comes from the page; here is only what happens.
const code = new URLSearchParams(location.search).get("code");
const buttons = document.querySelectorAll("button[data-to]");
const ENDS = { 204: null, 400: "malformed", 404: "malformed", 410: "gone", 413: "malformed" };

for (const button of buttons) button.addEventListener("click", () => send(button));

async function send(button) {
  const words = button.textContent;
  document.getElementById("trouble").hidden = true;
  for (const one of buttons) one.disabled = true;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-busy", "true");
  let status;
  try {
    const answer = await fetch(button.dataset.to, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "omit",
    });
    status = answer.status;
  } catch {
    status = 0;
  }
  if (status in ENDS) return end(ENDS[status] ?? button.dataset.done);
  button.textContent = words;
  button.removeAttribute("aria-busy");
  for (const one of buttons) one.disabled = false;
  say(document.getElementById(status ? "later" : "offline").dataset);
}

function end(name) {
  document.getElementById("question").hidden = true;
  const answer = document.querySelector(`[data-answer="${name}"]`);
  answer.hidden = false;
  answer.focus();
  history.replaceState(null, "", location.pathname); // the code leaves the address bar and the history
}

function say({ title, text }) {
  const trouble = document.getElementById("trouble");
  trouble.querySelector("strong").textContent = title;
  trouble.querySelector("span").textContent = text;
  trouble.hidden = false;
}

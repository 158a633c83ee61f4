// The guest book in the browser: lists what is written, and writes.
const list = document.querySelector('#entries');
const form = document.querySelector('#write');
const problem = document.querySelector('#problem');

/** What a guest wrote is text, never markup. */
function item({ name, text, at }) {
  const line = document.createElement('li');
  const words = document.createElement('q');
  words.textContent = text;
  const who = document.createElement('cite');
  who.textContent = `${name}, ${new Date(at).toLocaleString()}`;
  line.append(words, who);
  return line;
}

async function call(options) {
  const response = await fetch('/api/entries', options);
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error ?? response.statusText);
  }
  return answer;
}

async function attempt(action) {
  try {
    await action();
    problem.hidden = true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(async () => {
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    list.prepend(item(await call({ method: 'POST', headers: { 'content-type': 'application/json' }, body })));
    form.reset();
  });
});

void attempt(async () => list.replaceChildren(...(await call()).map(item)));

// Exports the interface polyglot:report/page.
let rendered = 0;

export const page = {
  render(title, numbers, { count, mean, median, deviation }) {
    const row = ([name, value]) => `<tr><th>${name}<td>${value}\n`;
    const facts = { numbers: count, mean: round(mean), median: round(median), deviation: round(deviation) };
    // Always 1: each request meets a new state, in every component.
    rendered += 1;
    return `<!doctype html>
<title>${escape(title)}</title>
<p>${numbers.join(', ')}
<table>
${Object.entries(facts).map(row).join('')}</table>
<p>Page ${rendered} of this JavaScript.
`;
  },
};

const round = (value) => Math.round(value * 100) / 100;
const escape = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

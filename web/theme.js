// Light or dark. A plain script, so that the page is never drawn in the wrong one first.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const kept = () => {
    try {
      return localStorage.getItem('curlew.theme');
    } catch {
      return null; // a browser that keeps nothing
    }
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => root.classList.toggle('dark-mode', isDark()); // the explorer's styles go by it

  const choice = kept();
  if (choice === 'light' || choice === 'dark') root.dataset.theme = choice;
  show();

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const name = () => {
      button.textContent = isDark() ? 'Light' : 'Dark';
      button.setAttribute('aria-label', isDark() ? 'Switch to light colours' : 'Switch to dark colours');
    };
    button.hidden = false;
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      try {
        localStorage.setItem('curlew.theme', root.dataset.theme);
      } catch {
        // it holds for as long as the page does
      }
      show();
      name();
    });
    system.addEventListener('change', () => {
      show();
      name();
    });
    name();
  });
})();

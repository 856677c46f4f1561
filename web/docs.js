// The explorer of the API, over the service's own description.
const explorer = document.getElementById('explorer');

/** Names for fields that the explorer leaves without one, and the keyboard's way into what scrolls. */
function nameFields() {
  for (const field of explorer.querySelectorAll('textarea:not([aria-label])')) field.setAttribute('aria-label', 'Request body');
  for (const field of explorer.querySelectorAll('[data-param-name] :is(select, input):not([aria-label])')) {
    field.setAttribute('aria-label', field.closest('[data-param-name]').dataset.paramName);
  }
  for (const text of explorer.querySelectorAll('pre:not([tabindex])')) text.tabIndex = 0;
}

new MutationObserver(nameFields).observe(explorer, {childList: true, subtree: true});

globalThis.SwaggerUIBundle({
  url: '/openapi.json',
  domNode: explorer,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: 'none', // it would be another host
});

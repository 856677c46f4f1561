// The routes out of the service's description, where the explorer was not there when Curlew was built.
const kMethods = ['get', 'post', 'put', 'patch', 'delete'];

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

try {
  const response = await fetch('/openapi.json');
  const {paths} = await response.json();
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of kMethods.filter((m) => methods[m])) {
      const row = document.createElement('li');
      row.append(element('span', 'method', method.toUpperCase()), element('code', 'path', path),
        element('span', 'summary', methods[method].summary ?? ''));
      document.getElementById('routes').append(row);
    }
  }
} catch {
  const trouble = document.getElementById('trouble');
  trouble.textContent = 'The description cannot be had. Is the service running?';
  trouble.hidden = false;
}

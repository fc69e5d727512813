// The page of the API: Swagger UI, which follows the colours of the system.

/* global SwaggerUIBundle */
const target = document.getElementById("description");
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

follow();
dark.addEventListener("change", follow);
SwaggerUIBundle({
  domNode: target,
  url: target.dataset.address,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // it would be another host
});

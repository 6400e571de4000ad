// Lets the reader's device make a passkey or prove that it holds one; the answer goes with the form, like any field.
// Forms that need it are hidden until it is known that the browser can.
"use strict";

const kinds = {
  create: async (asked) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
  get: async (asked) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
};

async function answer(form, event) {
  event.preventDefault();
  const problem = form.querySelector(".error[hidden], .error.failed");
  try {
    const credential = await kinds[form.dataset.passkey](JSON.parse(form.dataset.options));
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    problem.hidden = false;
    problem.classList.add("failed");
  }
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => answer(form, event));
  }
}

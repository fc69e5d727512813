// The settings of a run: a preset fills the fields, and a changed field makes the preset "custom".

export class SettingsForm {
  #form;
  #presets; // {name: {field: text}}

  // form: with the presets and the live version's hidden layers in its data.
  constructor(form) {
    [this.#form, this.#presets] = [form, JSON.parse(form.dataset.presets)];
    form.addEventListener("change", ({ target }) => {
      if (target.id === "preset") this.#fill(target.value);
      // The way of training stays that of the preset.
      else if (target.id !== "seed") this.#field("preset").value = "custom";
      this.#explain();
    });
    this.#explain();
  }

  #field(name) {
    return this.#form.elements[name];
  }

  #fill(name) {
    if (!(name in this.#presets)) return;
    this.#field("base").value = name;
    for (const [field, text] of Object.entries(this.#presets[name])) this.#field(field).value = text;
  }

  #explain() {
    for (const sentence of this.#form.querySelectorAll("[data-preset]")) {
      sentence.hidden = sentence.dataset.preset !== this.#field("preset").value;
    }
    // Quick keeps the layers of the live version: they stand in the field, which cannot be changed.
    const isQuick = this.#field("base").value === "quick";
    if (isQuick) this.#field("hidden").value = this.#form.dataset.liveLayers;
    this.#field("hidden").disabled = isQuick;
  }
}

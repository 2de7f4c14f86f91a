// /periksa made quicker: dropping a file, progress, checking by hash alone, the camera. Without any of it, the forms work.
import { enhanceDrop } from "./check-drop.js";
import { enhanceSending } from "./check-send.js";

function enhance() {
  const file = document.querySelector("[data-check-file]");
  const photo = document.querySelector("[data-check-photo]");
  for (const form of [file, photo].filter(Boolean)) {
    enhanceDrop(form);
    enhanceSending(form);
  }
  // WebCrypto is there only in a secure context (https, or this machine itself).
  if (file && globalThis.crypto?.subtle) import("./check-hash.js").then((module) => module.enhanceHashing(file));
  if (photo && globalThis.BarcodeDetector && navigator.mediaDevices?.getUserMedia) {
    import("./check-camera.js").then((module) => module.enhanceCamera(photo, document.getElementById("kamera")));
  }
}

enhance();
document.addEventListener("check:shown", enhance);

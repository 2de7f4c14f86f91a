// Scans a QR with the camera where the browser can (BarcodeDetector); the text goes to the server as a photo would, which
// says whether it is one of this office's. Nothing that was read is opened.
const LOOK_EVERY = 200; // ms

/**
 * @param {HTMLFormElement} form with the button [data-camera]
 * @param {HTMLElement} panel with video, [role=status], [data-stop] and the form for the text
 */
export async function enhanceCamera(form, panel) {
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const [button, video, line] = [form.querySelector("[data-camera]"), panel.querySelector("video"), panel.querySelector("[role=status]")];
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    panel.hidden = true;
    button.focus();
  };
  const look = async () => {
    if (stream === null) return;
    const found = await detector.detect(video).catch(() => []); // no picture yet
    if (stream === null) return;
    if (found.length > 0) {
      panel.querySelector("input[name=teks]").value = found[0].rawValue;
      stop();
      panel.querySelector("form").submit();
      return;
    }
    setTimeout(look, LOOK_EVERY);
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    panel.hidden = false;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      line.textContent = line.dataset.denied;
      return;
    }
    line.textContent = line.dataset.looking;
    video.srcObject = stream;
    await video.play();
    panel.scrollIntoView({ block: "nearest" });
    look();
  });
  panel.querySelector("[data-stop]").addEventListener("click", stop);
}

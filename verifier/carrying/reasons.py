"""Why a PDF cannot carry the signature, or not there: one sentence a reason, saying what is wrong and what to do."""

from __future__ import annotations

from verifier.errors import VerificationError

_PRINT = "Buka PDF-nya, pilih Cetak lalu “Simpan sebagai PDF”, dan unggah hasilnya."
_PRINT_EN = "Open it, choose Print and “Save as PDF”, and upload the result."
_SOURCE = "Perbaiki dokumen asalnya, simpan lagi sebagai PDF, lalu unggah."
_SOURCE_EN = "Correct the document it came from, save it as PDF again, and upload that."
_MOVE = "Pindahkan kotaknya."
_MOVE_EN = "Move the box."

REASONS: dict[str, tuple[str, str]] = {
    # the file
    "not-pdf": (
        "Ini bukan PDF. Simpan dokumennya sebagai PDF, lalu unggah.",
        "This is not a PDF. Save the document as PDF and upload that.",
    ),
    "damaged": (f"PDF ini rusak atau tidak lazim susunannya. {_PRINT}", f"This PDF is damaged or odd. {_PRINT_EN}"),
    "locked": (
        f"PDF ini dikunci (kata sandi atau pembatasan). Buka kuncinya di aplikasi asal. {_PRINT}",
        f"This PDF is locked (password or restrictions). Unlock it where it was made. {_PRINT_EN}",
    ),
    "tail": (
        f"Ada isi di luar PDF ini (sebelum awal atau sesudah akhirnya). {_PRINT}",
        f"There is something outside this PDF, before its beginning or after its end. {_PRINT_EN}",
    ),
    "earlier-version": (
        f"PDF ini menyimpan versi lama di dalamnya, yang akan ikut terkirim dan dapat dibuka kembali. {_PRINT}",
        f"This PDF holds an earlier version of itself, which would go out with the letter. {_PRINT_EN}",
    ),
    "signed": (
        "PDF ini sudah bertanda tangan elektronik, memiliki kolom tanda tangan, atau disertifikasi. Tanda tangan Camat "
        "harus yang pertama: unggah PDF sebelum ditandatangani.",
        "This PDF is already signed or certified, or has signature fields. The Camat's signature must be the first: "
        "upload the PDF as it was before.",
    ),
    "too-many-pages": (
        "PDF ini memiliki {where} halaman; paling banyak {most}. Kirim lampiran tebal terpisah dari surat.",
        "This PDF has {where} pages; at most {most}. Send long attachments apart from the letter.",
    ),
    # what it could do
    "script": (
        f"PDF ini berisi JavaScript, yang dapat mengubah tampilan surat. {_PRINT}",
        f"This PDF contains JavaScript, which could change what the letter shows. {_PRINT_EN}",
    ),
    "action": (
        f"PDF ini menjalankan tindakan sendiri (membuka program, mengirim data, atau sejenisnya). {_PRINT}",
        f"This PDF starts actions by itself (opening programs, sending data or the like). {_PRINT_EN}",
    ),
    "link": (
        "PDF ini memuat tautan yang bukan alamat web, surel, atau telepon ({where}). Hapus tautan itu dari dokumen "
        "asal, simpan lagi sebagai PDF, lalu unggah.",
        "This PDF has a link that is no web, e-mail or telephone address ({where}). Remove it from the document it "
        "came from, save as PDF again, and upload that.",
    ),
    "attachment": (
        "PDF ini membawa file lain di dalamnya. Lepaskan file itu; lampirkan sebagai halaman bila memang bagian surat.",
        "This PDF carries other files inside. Detach them, or add them as pages if they belong to the letter.",
    ),
    "media": (
        f"PDF ini berisi video, suara, atau gambar 3D. {_PRINT}",
        f"This PDF contains video, sound or 3D pictures. {_PRINT_EN}",
    ),
    "external": (
        f"PDF ini mengambil isi dari file lain di luar dirinya, yang dapat berubah. {_PRINT}",
        f"This PDF takes content from other files, which could change. {_PRINT_EN}",
    ),
    "form": (
        f"PDF ini berupa formulir: isinya masih dapat diubah. {_PRINT}",
        f"This PDF is a form: what it says could still be changed. {_PRINT_EN}",
    ),
    "annotation": (
        f"Ada catatan, coretan, atau cap yang menempel di atas halaman {{where}} dan dapat dilepas. {_PRINT}",
        f"A note, drawing or stamp lies on page {{where}} and could be taken off. {_PRINT_EN}",
    ),
    "layers": (
        f"PDF ini memiliki lapisan yang dapat ditampilkan atau disembunyikan. {_PRINT}",
        f"This PDF has layers that can be shown or hidden. {_PRINT_EN}",
    ),
    # what it shows
    "qr": (
        f"Halaman {{where}} sudah memuat QR. QR pada surat hanya boleh berasal dari tanda tangan Camat. {_SOURCE}",
        f"Page {{where}} already shows a QR code. The only one on a letter comes with the signature. {_SOURCE_EN}",
    ),
    "marker": (
        f"Penanda “{{where}}” masih tercetak pada surat; QR tidak akan menggantikannya. {_SOURCE}",
        f"The placeholder “{{where}}” is still printed; the QR will not replace it. {_SOURCE_EN}",
    ),
    "claims-bsre": (
        "Surat ini menyebut BSrE (“{where}”), padahal akan ditandatangani dengan sertifikat simulasi. Hapus kalimat "
        f"itu: catatan yang benar dicetak bersama tanda tangan. {_SOURCE}",
        "This letter names BSrE (“{where}”) but will be signed with a simulation certificate. Remove that sentence: "
        f"the true note is printed with the signature. {_SOURCE_EN}",
    ),
    "odd-page": (
        "Halaman {where} berukuran tidak lazim. Simpan dokumennya pada kertas A4 atau F4, lalu unggah.",
        "Page {where} has an odd size. Save the document on A4 or F4 paper and upload that.",
    ),
    # where the box is
    "no-page": ("Pilih halaman tempat tanda tangan.", "Choose the page of the signature."),
    "paper": (
        "Halaman {where} lebih besar daripada F4, sehingga QR mengecil saat dicetak dan tidak terbaca. Pilih halaman "
        "lain atau simpan dokumennya pada kertas A4 atau F4.",
        "Page {where} is larger than F4, so the QR would shrink in print. Choose another page, or save on A4 or F4.",
    ),
    "outside": (
        f"Kotak tanda tangan keluar dari halaman atau kurang dari {{where}} mm dari tepinya. {_MOVE}",
        f"The signature box leaves the page, or is less than {{where}} mm from its edge. {_MOVE_EN}",
    ),
    "text-under": (
        f"Di bawah kotak tanda tangan ada tulisan “{{where}}”. {_MOVE}",
        f"There is text under the signature box: “{{where}}”. {_MOVE_EN}",
    ),
    "ink-under": (
        f"Di bawah kotak tanda tangan ada garis, gambar, atau warna. {_MOVE}",
        f"There is a line, picture or colour under the signature box. {_MOVE_EN}",
    ),
}


def refuse(code: str, where: object = "", most: object = "") -> VerificationError:
    """The reason, as the exception that carries it; `where` is what or where in the file."""
    id, en = REASONS[code]
    return VerificationError(code, id.format(where=where, most=most), en.format(where=where, most=most))

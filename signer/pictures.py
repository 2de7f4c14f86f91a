"""Pictures of PDF pages, as the verifier draws them: one module, because one process must have one PDFium lock."""

from verifier.pictures import MAX_PAGES, MAX_PIXELS, MAX_SIDE, PagePicture, Pictures, page_pictures, pixels

__all__ = ["MAX_PAGES", "MAX_PIXELS", "MAX_SIDE", "PagePicture", "Pictures", "page_pictures", "pixels"]

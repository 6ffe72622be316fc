"""Files that Streamlit keeps in memory: whose tab each belongs to, and letting go of those that were saved."""

from __future__ import annotations

from collections.abc import Iterable

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.settings import PERSON_HEADER


def owner_of(session_id: str) -> int | None:
    """The id of the person whose open tab this session of Streamlit is, as the gate wrote it down; None for no tab."""
    client = runtime.get_instance().get_client(session_id)
    if client is None or client.client_context is None:
        return None
    told = dict(client.client_context.headers).get(PERSON_HEADER, "")
    return int(told) if told.isdigit() else None


def is_held(session_id: str, file_id: str) -> bool:
    """Whether the file is still in memory."""
    return bool(runtime.get_instance().uploaded_file_mgr.get_files(session_id, [file_id]))


def forget(files: Iterable[object]) -> None:
    """Free the memory of uploaded files once the register has them; what is no upload is left alone."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        if isinstance(file, UploadedFile):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)

"""Files of a document: what it says, as HTML, PDF, XLSX, CSV and PNG."""

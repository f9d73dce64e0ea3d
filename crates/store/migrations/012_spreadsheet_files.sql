-- Files of cells that edits of a spreadsheet have made, beside the first one. Which chunk lies in
-- which is in the manifest; the rows say that the files count.

CREATE TABLE spreadsheet_files (
    spreadsheet TEXT NOT NULL,
    blob_key TEXT NOT NULL,
    PRIMARY KEY (spreadsheet, blob_key)
);

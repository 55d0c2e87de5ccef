"""Static files of a server: hashed names and compressed copies, made by `collectstatic`."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # WhiteNoise ships no types
    """Also rewrites the imports between our JavaScript modules to their hashed names."""

    support_js_module_import_aggregation = True

from intake.models.imports import ExternalLink, ImportLine, ImportPart, ImportRun
from intake.models.need import NeedQuestion
from intake.models.request import Request, RequestForm

__all__ = ["ExternalLink", "ImportLine", "ImportPart", "ImportRun", "NeedQuestion", "Request", "RequestForm"]

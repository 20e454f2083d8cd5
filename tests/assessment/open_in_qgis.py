"""Open a GeoPackage in QGIS and print, as JSON, what it shows. Run by Debian's own Python."""

from __future__ import annotations

import json
import sys

from osgeo import ogr
from qgis.core import (
    QgsApplication,
    QgsExpressionContextUtils,
    QgsMapSettings,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtXml import QDomDocument


def described(layer: QgsVectorLayer) -> dict:
    """Say by which classes a layer is drawn, and how many of its areas are in each."""
    renderer = layer.renderer()
    graduated = renderer.type() == "graduatedSymbol"
    classes = renderer.ranges() if graduated else renderer.categories()
    context = QgsRenderContext.fromMapSettings(QgsMapSettings())
    scopes = QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    context.expressionContext().appendScopes(scopes)
    renderer.startRender(context, layer.fields())
    tally = [0] * len(classes)
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        for key in renderer.legendKeysForFeature(feature, context):
            tally[int(key)] += 1
    renderer.stopRender(context)
    return {
        "kind": renderer.type(),
        "field": renderer.classAttribute(),
        "classes": [
            {
                "label": one.label(),
                "value": None if graduated else one.value(),
                "colour": one.symbol().symbolLayers()[-1].fillColor().name(),
                "patterned": one.symbol().symbolLayers()[-1].brushStyle() != Qt.SolidPattern,
                "areas": areas,
            }
            for one, areas in zip(classes, tally, strict=True)
        ],
    }


def opened(path: str, name: str) -> dict:
    """Open a layer as a user would, then in each of its styles."""
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid(), name
    own, identifiers, names, _, problem = layer.listStylesInDatabase()
    assert not problem, problem
    about = layer.metadata()
    shown = {
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "default": described(layer),
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "title": about.title(),
        "abstract": about.abstract(),
        "licences": about.licenses(),
        "rights": about.rights(),
        "styles": {},
    }
    for identifier, style in list(zip(identifiers, names, strict=True))[:own]:
        text, problem = layer.getStyleFromDatabase(identifier)
        assert not problem, problem
        document = QDomDocument()
        document.setContent(text)
        done, problem = layer.importNamedStyle(document)
        assert done, problem
        shown["styles"][style] = described(layer)
    return shown


application = QgsApplication([], False)
application.initQgis()
source = ogr.Open(sys.argv[1])
layers = [source.GetLayer(place).GetName() for place in range(source.GetLayerCount())]
source = None
shown = {name: opened(sys.argv[1], name) for name in layers if name != "layer_styles"}
sys.stdout.write(f"{json.dumps(shown)}\n")
application.exitQgis()

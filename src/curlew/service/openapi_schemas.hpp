#pragma once

namespace curlew {

/// The schemas that routes refer to, as JSON. Codes of errors are put in from their tables, and the names of models.
///
/// Source: JSON Schema 2020-12, as OpenAPI 3.1 has it.
inline constexpr const char* kSchemas = R"json({
  "Urls": {"type": "array", "minItems": 1, "items": {"type": "string"},
    "description": "A picture each; one that cannot be had, or is no URL, is an error of its own result.",
    "examples": [["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"]]},
  "Top": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 3},
  "Threshold": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
  "Thumbnail": {"type": "boolean", "default": false,
    "description": "Whether each result is to hold a small picture, `image.thumbnail`."},
  "ClassifyRequest": {"type": "object", "required": ["urls"],
    "examples": [{"urls": ["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"]}],
    "additionalProperties": false, "properties": {
    "urls": {"$ref": "#/components/schemas/Urls"}, "model": {"$ref": "#/components/schemas/ClassifyModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "DetectRequest": {"type": "object", "required": ["urls"],
    "examples": [{"urls": ["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"]}],
    "additionalProperties": false, "properties": {
    "urls": {"$ref": "#/components/schemas/Urls"}, "model": {"$ref": "#/components/schemas/DetectModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "ClassifyForm": {"type": "object", "required": ["file"], "additionalProperties": false, "properties": {
    "file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
    "model": {"$ref": "#/components/schemas/ClassifyModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "ClassifyBatch": {"type": "object", "required": ["urls"],
    "examples": [{"urls": ["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"]}],
    "additionalProperties": false, "properties": {
    "urls": {"$ref": "#/components/schemas/Urls"}, "task": {"type": "string", "enum": ["classify"]},
    "model": {"$ref": "#/components/schemas/ClassifyModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "DetectForm": {"type": "object", "required": ["file"], "additionalProperties": false, "properties": {
    "file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
    "model": {"$ref": "#/components/schemas/DetectModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "DetectBatch": {"type": "object", "required": ["urls"],
    "examples": [{"urls": ["https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg"], "task": "detect"}],
    "anyOf": [{"required": ["task"]}, {"required": ["model"]}],
    "additionalProperties": false, "properties": {
    "urls": {"$ref": "#/components/schemas/Urls"}, "task": {"type": "string", "enum": ["detect"]},
    "model": {"$ref": "#/components/schemas/DetectModel"},
    "top": {"$ref": "#/components/schemas/Top"}, "threshold": {"$ref": "#/components/schemas/Threshold"},
    "thumbnail": {"$ref": "#/components/schemas/Thumbnail"}}},
  "BatchRequest": {"anyOf": [{"$ref": "#/components/schemas/ClassifyBatch"},
                             {"$ref": "#/components/schemas/DetectBatch"}],
    "description": "`task` is `classify` where neither it nor `model` says otherwise."},
  "Timings": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
  "Prediction": {"type": "object", "required": ["index", "label", "score"], "properties": {
    "index": {"type": "integer", "minimum": 0}, "label": {"type": "string"},
    "score": {"type": "number", "minimum": 0, "maximum": 1},
    "box": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 4, "maxItems": 4,
            "description": "x1, y1, x2, y2 in pixels of the upright picture"}}},
  "ItemError": {"type": "object", "required": ["code", "message", "retryable"], "properties": {
    "code": {"enum": []}, "message": {"type": "string"}, "http_status": {"type": "integer"},
    "retryable": {"type": "boolean"}}},
  "Result": {"type": "object", "required": ["index", "url", "status", "timings_ms"], "properties": {
    "index": {"type": "integer", "minimum": 0}, "url": {"type": "string"}, "status": {"enum": ["ok", "error"]},
    "model": {"type": "object", "properties": {"name": {"type": "string"}, "sha256": {"type": "string"}}},
    "image": {"type": "object", "properties": {"width": {"type": "integer"}, "height": {"type": "integer"},
      "format": {"enum": ["jpeg", "png", "webp", "gif", "bmp", "avif"]}, "bytes": {"type": "integer"},
      "sha256": {"type": "string"},
      "thumbnail": {"type": "string", "pattern": "^data:image/jpeg;base64,[A-Za-z0-9+/]+={0,2}$",
        "description": "The upright picture, at most 192 pixels a side; there where one was asked for and could be made"}}},
    "predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
    "background": {"type": "boolean"}, "background_score": {"type": "number"},
    "error": {"$ref": "#/components/schemas/ItemError"},
    "timings_ms": {"$ref": "#/components/schemas/Timings"}}},
  "Results": {"type": "object", "required": ["results", "timings_ms"], "properties": {
    "results": {"type": "array", "items": {"$ref": "#/components/schemas/Result"}},
    "timings_ms": {"$ref": "#/components/schemas/Timings"}}},
  "Page": {"type": "object", "required": ["results", "next"], "properties": {
    "results": {"type": "array", "items": {"$ref": "#/components/schemas/Result"}},
    "next": {"type": ["string", "null"]}}},
  "Batch": {"type": "object", "required": ["id", "status", "total", "done", "failed", "links"], "properties": {
    "id": {"type": "string", "format": "uuid"}, "status": {"enum": ["queued", "running", "done", "cancelled"]},
    "task": {"enum": ["classify", "detect"]}, "model": {"type": "string"},
    "total": {"type": "integer"}, "done": {"type": "integer"}, "failed": {"type": "integer"},
    "cancelled": {"type": "integer"}, "created_at": {"type": "string", "format": "date-time"},
    "ended_at": {"type": "string", "format": "date-time"}, "expires_at": {"type": "string", "format": "date-time"},
    "links": {"type": "object", "additionalProperties": {"type": "string"}}}},
  "Models": {"type": "object", "required": ["models"], "properties": {"models": {"type": "array", "items": {
    "type": "object", "required": ["name", "task", "ready"], "properties": {
      "name": {"type": "string"}, "task": {"enum": ["classify", "detect"]}, "title": {"type": "string"},
      "licence": {"type": "string"}, "source": {"type": "string"}, "labels": {"type": "integer"},
      "sha256": {"type": "string"}, "status": {"enum": ["idle", "loading", "ready", "unavailable"]},
      "ready": {"type": "boolean"}}}}}},
  "Health": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"},
    "reasons": {"type": "array", "items": {"type": "string"}}}},
  "Version": {"type": "object", "required": ["name", "version"], "properties": {
    "name": {"type": "string"}, "version": {"type": "string"}}},
  "InferenceInput": {"type": "object", "required": ["name", "datatype", "shape"], "properties": {
    "name": {"const": "image"}, "datatype": {"const": "BYTES"},
    "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 2,
              "description": "[n] or [n, 1]: how many pictures", "examples": [[1]]},
    "parameters": {"type": ["object", "null"], "properties": {
      "binary_data_size": {"type": ["integer", "null"], "minimum": 0, "description": "of the tensor behind the JSON"}}},
    "data": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"},
             "description": "pictures in base64, or http or https URLs"}}},
  "InferenceOutput": {"type": "object", "required": ["name"], "properties": {
    "name": {"enum": ["labels", "scores", "boxes", "errors"], "description": "`boxes`: models that detect"},
    "parameters": {"type": ["object", "null"], "properties": {"binary_data": {"type": ["boolean", "null"]}}}}},
  "InferenceRequest": {"type": "object", "required": ["inputs"], "properties": {
    "id": {"type": ["string", "null"], "maxLength": 256, "description": "given back"},
    "parameters": {"type": ["object", "null"], "properties": {
      "top": {"anyOf": [{"$ref": "#/components/schemas/Top"}, {"type": "null"}]},
      "threshold": {"anyOf": [{"$ref": "#/components/schemas/Threshold"}, {"type": "null"}]},
      "binary_data_output": {"type": ["boolean", "null"], "description": "for outputs that do not say it themselves"}}},
    "inputs": {"type": "array", "minItems": 1, "maxItems": 1,
               "items": {"$ref": "#/components/schemas/InferenceInput"}},
    "outputs": {"type": ["array", "null"], "maxItems": 16, "description": "none: labels, scores and, for detect, boxes",
                "items": {"$ref": "#/components/schemas/InferenceOutput"}}}},
  "InferenceTensor": {"type": "object", "required": ["name", "datatype", "shape"], "properties": {
    "name": {"type": "string"}, "datatype": {"enum": ["BYTES", "FP32"]},
    "shape": {"type": "array", "items": {"type": "integer"}},
    "parameters": {"type": "object", "properties": {"binary_data_size": {"type": "integer"}}},
    "data": {"type": "array", "items": {"type": ["string", "number"]}}}},
  "InferenceReply": {"type": "object", "required": ["model_name", "model_version", "outputs"], "properties": {
    "id": {"type": "string"}, "model_name": {"type": "string"}, "model_version": {"type": "string"},
    "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/InferenceTensor"}}}},
  "InferenceModel": {"type": "object", "required": ["name", "versions", "platform", "inputs", "outputs"],
    "properties": {"name": {"type": "string"}, "versions": {"type": "array", "items": {"type": "string"}},
    "platform": {"type": "string"},
    "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/InferenceTensor"}},
    "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/InferenceTensor"}}}},
  "InferenceModelReady": {"type": "object", "required": ["name", "ready"], "properties": {
    "name": {"type": "string"}, "ready": {"const": true}}},
  "InferenceModels": {"type": "object", "required": ["models"], "properties": {
    "models": {"type": "array", "items": {"type": "string"}}}},
  "InferenceServer": {"type": "object", "required": ["name", "version", "extensions"], "properties": {
    "name": {"type": "string"}, "version": {"type": "string"},
    "extensions": {"type": "array", "items": {"type": "string"}}}},
  "InferenceHealth": {"type": "object", "properties": {"live": {"const": true}, "ready": {"const": true}}},
  "InferenceError": {"type": "object", "required": ["error"], "additionalProperties": false,
    "properties": {"error": {"type": "string"}}},
  "Problem": {"type": "object", "required": ["title", "status", "code", "request_id"], "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
    "detail": {"type": "string"}, "code": {"type": "string"}, "request_id": {"type": "string"},
    "pointer": {"type": "string"}, "parameter": {"type": "string"}}}
})json";

}  // namespace curlew

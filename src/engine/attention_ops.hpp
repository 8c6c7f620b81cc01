#pragma once

namespace ov {
class Core;
}  // namespace ov

namespace storysign::engine {

/// Teaches OpenVINO's TensorFlow Lite reader the three operators of MediaPipe's own that the face
/// network with attention is made of, each as a few standard operators: Landmarks2TransformMatrix,
/// TransformTensorBilinear and TransformLandmarks, all in their second version. Internal to the
/// room. Other models are read as before.
void add_attention_ops(ov::Core& core);

}  // namespace storysign::engine

/** Where the built page has what the tracker is made of; each name carries a hash. */

import type { HomeUrls } from './urls';
import program from '../../../build/home/home.wasm?url';
import glue from '../../../build/home/engine/tflite_web_api_cc_simd.js?url';
import engine from '../../../build/home/engine/tflite_web_api_cc_simd.wasm?url';
import threadedGlue from '../../../build/home/engine/tflite_web_api_cc_simd_threaded.js?url';
import threadedEngine from '../../../build/home/engine/tflite_web_api_cc_simd_threaded.wasm?url';
import thread from '../../../build/home/engine/tflite_web_api_cc_simd_threaded.worker.js?url';
import faceDetection from '../../../deps/models/face_detection_short_range.tflite?url';
import faceLandmark from '../../../deps/models/face_landmark.tflite?url';
import handLandmark from '../../../deps/models/hand_landmark_full.tflite?url';
import handRecrop from '../../../deps/models/hand_recrop.tflite?url';
import palmDetection from '../../../deps/models/palm_detection_full.tflite?url';
import poseDetection from '../../../deps/models/pose_detection.tflite?url';
import poseLandmark from '../../../deps/models/pose_landmark_lite.tflite?url';

export const URLS: HomeUrls = {
  program,
  engine: { glue, code: engine, thread: null },
  threadedEngine: { glue: threadedGlue, code: threadedEngine, thread },
  models: {
    'face_detection_short_range.tflite': faceDetection,
    'face_landmark.tflite': faceLandmark,
    'hand_landmark_full.tflite': handLandmark,
    'hand_recrop.tflite': handRecrop,
    'palm_detection_full.tflite': palmDetection,
    'pose_detection.tflite': poseDetection,
    'pose_landmark_lite.tflite': poseLandmark,
  },
};

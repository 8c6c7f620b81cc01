import type { Size } from './geometry';

export interface CameraChoice {
  id: string;
  /** Empty until the learner has allowed a camera. */
  label: string;
}

export interface CaptureWish {
  size: Size;
  fps: number;
}

/** Without a device, asks for the one facing the learner. `wanted` is a wish, `demanded` a must. */
export interface CameraRequest {
  wanted?: string;
  demanded?: string;
  capture: CaptureWish;
}

export async function openCamera(request: CameraRequest): Promise<MediaStream> {
  if (typeof OffscreenCanvas === 'undefined' || typeof Worker === 'undefined') {
    throw new DOMException('OffscreenCanvas is missing', 'NotSupportedError');
  }
  return navigator.mediaDevices.getUserMedia({ audio: false, video: constraintsOf(request) });
}

export function constraintsOf({ wanted, demanded, capture }: CameraRequest): MediaTrackConstraints {
  const { size, fps } = capture;
  const constraints: MediaTrackConstraints = {
    width: { ideal: size.width },
    height: { ideal: size.height },
    frameRate: { ideal: fps },
  };
  if (demanded) constraints.deviceId = { exact: demanded };
  else if (wanted) constraints.deviceId = { ideal: wanted };
  else constraints.facingMode = 'user';
  return constraints;
}

/** The cameras there are; none if the browser does not tell. */
export async function listCameras(): Promise<CameraChoice[]> {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter((device) => device.kind === 'videoinput' && device.deviceId !== '')
      .map((device) => ({ id: device.deviceId, label: device.label }));
  } catch {
    return [];
  }
}

export function closeCamera(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
